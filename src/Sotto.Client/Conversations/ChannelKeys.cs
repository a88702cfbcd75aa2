using Sotto.Mls.Groups;
using Sotto.Wire;

namespace Sotto.Client.Conversations;

/// <summary>What an epoch gives for its channel, by the MLS exporter with the channel id as context.</summary>
internal static class ChannelKeys
{
    private static ReadOnlySpan<byte> WriteLabel => "sotto 1 write"u8;

    private static ReadOnlySpan<byte> TagLabel => "sotto 1 tag"u8;

    /// <summary>The capability that the relay asks of a writer.</summary>
    public static Bytes32 WriteCapability(MlsGroup group, Bytes16 channel)
    {
        using var secret = group.Export(WriteLabel, channel.ToArray(), Bytes32.Length);
        return new(secret.Bytes);
    }

    /// <summary>The same of the epoch that a commit begins.</summary>
    public static Bytes32 NextWriteCapability(PreparedCommit commit, Bytes16 channel)
    {
        using var secret = commit.ExportNext(WriteLabel, channel.ToArray(), Bytes32.Length);
        return new(secret.Bytes);
    }

    /// <inheritdoc cref="NextWriteCapability(PreparedCommit, Bytes16)"/>
    public static Bytes32 NextWriteCapability(ReceivedCommit commit, Bytes16 channel)
    {
        using var secret = commit.ExportNext(WriteLabel, channel.ToArray(), Bytes32.Length);
        return new(secret.Bytes);
    }

    /// <summary>Names the epoch to readers.</summary>
    public static byte[] Tag(MlsGroup group, Bytes16 channel)
    {
        using var secret = group.Export(TagLabel, channel.ToArray(), Limits.EpochTag);
        return secret.Bytes.ToArray();
    }
}
