#if DEFENCES
namespace Sotto.Mls;

/// <summary>
/// Switches single rules off, per flow of execution, to show that an attack succeeds without them. Exists in the
/// Defences configuration only.
/// </summary>
internal static class DefenceSwitches
{
    private static readonly AsyncLocal<MlsRule?> Off = new();

    /// <summary>Whether a rule is switched off here.</summary>
    public static bool IsOff(MlsRule rule) => Off.Value == rule;

    /// <summary>Switches one rule off in this flow until the result is disposed.</summary>
    public static IDisposable SwitchOff(MlsRule rule)
    {
        var before = Off.Value;
        Off.Value = rule;
        return new Restore(before);
    }

    private sealed class Restore(MlsRule? before) : IDisposable
    {
        public void Dispose() => Off.Value = before;
    }
}
#endif
