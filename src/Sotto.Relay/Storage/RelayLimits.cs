namespace Sotto.Relay.Storage;

/// <summary>Limits that the operator can set (docs/threat-model.md).</summary>
public sealed record RelayLimits
{
    /// <summary>Entries that somebody still needs, in one channel.</summary>
    public int ChannelEntries { get; init; } = 100_000;

    /// <summary>Their size in bytes.</summary>
    public long ChannelBytes { get; init; } = 1L << 30;

    /// <summary>Below this share of free disk nothing is stored; reading and deleting go on.</summary>
    public double FreeDisk { get; init; } = 0.1;

    /// <summary>Open sockets in all.</summary>
    public int Sockets { get; init; } = 10_000;

    /// <summary>Open sockets of one address; loopback and the named proxy do not count.</summary>
    public int SocketsPerAddress { get; init; } = 20;

    /// <summary>Bytes that all sockets together hold of messages larger than 8 KiB that have not arrived whole.</summary>
    public long UnfinishedMessages { get; init; } = 256L * 1024 * 1024;

    /// <summary>Whether the mailbox plane waits for the disk. Only tests turn it off, to show that this is what keeps posts.</summary>
    internal bool Flushes { get; init; } = true;
}
