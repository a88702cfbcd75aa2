namespace Sotto.Mls.Tests;

/// <summary>Pre-shared keys in memory.</summary>
internal sealed class PskTable : Schedule.IPreSharedKeys
{
    public Dictionary<string, byte[]> External { get; } = [];

    public Dictionary<(GroupId Group, Epoch Epoch), byte[]> Resumption { get; } = [];

    public Secret? FindExternal(ReadOnlyMemory<byte> id) =>
        External.TryGetValue(Convert.ToHexString(id.Span), out var key) ? Secret.CopyOf(key) : null;

    public Secret? FindResumption(GroupId group, Epoch epoch) =>
        Resumption.TryGetValue((group, epoch), out var key) ? Secret.CopyOf(key) : null;
}
