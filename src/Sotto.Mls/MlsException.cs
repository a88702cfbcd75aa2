namespace Sotto.Mls;

/// <summary>
/// Input from somebody else breaks a rule of the protocol and was refused. The group is as it was before. The text
/// names the rule and holds nothing of the input.
/// </summary>
/// <param name="rule">The rule that is broken.</param>
public sealed class MlsException(MlsRule rule) : Exception($"Refused by the rule {rule}.")
{
    /// <summary>The rule that the input breaks, for callers that act on it.</summary>
    public MlsRule Rule { get; } = rule;
}
