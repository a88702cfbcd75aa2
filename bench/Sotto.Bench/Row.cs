using System.Globalization;

namespace Sotto.Bench;

/// <summary>One line of the table.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Figure">Ours.</param>
/// <param name="Peer">What it is compared with, measured in the same run.</param>
/// <param name="Ratio">Ours to the peer's; above 1 is faster.</param>
/// <param name="Goal">What the order asks for, or empty.</param>
/// <param name="Met">Null where there is no goal, or where it could not be measured.</param>
internal sealed record Row(string What, string Figure, string Peer = "", string Ratio = "", string Goal = "", bool? Met = null)
{
    /// <summary>A row that could not be measured, with the reason.</summary>
    public static Row Missing(string what, string goal, string reason) => new(what, $"not measured: {reason}", Goal: goal);

    public override string ToString()
    {
        var verdict = Met switch { true => "met", false => "**not met**", null => "" };
        return string.Create(CultureInfo.InvariantCulture, $"| {What} | {Figure} | {Peer} | {Ratio} | {Goal} | {verdict} |");
    }
}
