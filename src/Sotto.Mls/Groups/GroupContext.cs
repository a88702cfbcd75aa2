using Sotto.Mls.Extensions;
using Sotto.Mls.Suites;

namespace Sotto.Mls.Groups;

/// <summary>What all members of a group agree on in an epoch (RFC 9420 §8.1). Immutable.</summary>
public sealed class GroupContext
{
    private byte[]? _encoded;

    internal GroupContext(
        CipherSuiteId cipherSuite, GroupId groupId, Epoch epoch, ReadOnlyMemory<byte> treeHash,
        ReadOnlyMemory<byte> confirmedTranscriptHash, ExtensionList extensions)
    {
        CipherSuite = cipherSuite;
        GroupId = groupId;
        Epoch = epoch;
        TreeHash = treeHash;
        ConfirmedTranscriptHash = confirmedTranscriptHash;
        Extensions = extensions;
    }

    /// <summary>The group's suite.</summary>
    public CipherSuiteId CipherSuite { get; }

    /// <summary>The group's identifier.</summary>
    public GroupId GroupId { get; }

    /// <summary>The number of the state.</summary>
    public Epoch Epoch { get; }

    /// <summary>The hash of the whole tree (§7.8).</summary>
    public ReadOnlyMemory<byte> TreeHash { get; }

    /// <summary>The hash of all commits up to the last one's signature (§8.2).</summary>
    public ReadOnlyMemory<byte> ConfirmedTranscriptHash { get; }

    /// <summary>Extensions that all members support.</summary>
    public ExtensionList Extensions { get; }

    /// <summary>The structure as on the wire.</summary>
    internal ReadOnlySpan<byte> Encoded => _encoded ??= TlsWriter.Encode(Write);

    internal static GroupContext Read(ref TlsReader reader)
    {
        var start = reader.Position;
        Check.That(reader.ReadUInt16() == ProtocolVersion.Mls10, MlsRule.GroupContextVersion);
        var context = new GroupContext(
            new CipherSuiteId(reader.ReadUInt16()), new GroupId(reader.ReadVector()), new Epoch(reader.ReadUInt64()),
            reader.ReadVector(), reader.ReadVector(), ExtensionList.Read(ref reader));
        context._encoded = reader.Since(start).ToArray();
        return context;
    }

    /// <summary>The context of the next epoch before its commit's transcript is known (§12.4.1).</summary>
    internal GroupContext Provisional(ReadOnlyMemory<byte> treeHash, ExtensionList extensions) =>
        new(CipherSuite, GroupId, Epoch.Next, treeHash, ConfirmedTranscriptHash, extensions);

    internal GroupContext With(ReadOnlyMemory<byte> confirmedTranscriptHash) =>
        new(CipherSuite, GroupId, Epoch, TreeHash, confirmedTranscriptHash, Extensions);

    internal void Write(TlsWriter writer)
    {
        if (_encoded is not null)
        {
            writer.WriteFixed(_encoded);
            return;
        }

        writer.WriteUInt16(ProtocolVersion.Mls10);
        writer.WriteUInt16(CipherSuite.Value);
        writer.WriteVector(GroupId.Bytes);
        writer.WriteUInt64(Epoch.Value);
        writer.WriteVector(TreeHash);
        writer.WriteVector(ConfirmedTranscriptHash);
        Extensions.Write(writer);
    }
}
