namespace Sotto.Mls.Trees;

/// <summary>A subgroup's key (RFC 9420 §7.1). Immutable.</summary>
public sealed class ParentNode : TreeNode
{
    internal ParentNode(ReadOnlyMemory<byte> encryptionKey, ReadOnlyMemory<byte> parentHash, uint[] unmergedLeaves)
        : base(encryptionKey)
    {
        ParentHash = parentHash;
        Unmerged = unmergedLeaves;
    }

    /// <summary>Leaves below that do not know the key yet, in rising order.</summary>
    public IReadOnlyList<uint> UnmergedLeaves => Unmerged;

    internal uint[] Unmerged { get; }

    internal override ReadOnlyMemory<byte> ParentHash { get; }

    internal ParentNode WithUnmerged(uint[] unmergedLeaves) => new(EncryptionKey, ParentHash, unmergedLeaves);

    internal static ParentNode Read(ref TlsReader reader)
    {
        var encryptionKey = reader.ReadVector();
        var parentHash = reader.ReadVector();
        var list = reader.ReadVectorReader();
        Check.That(list.Remaining % 4 == 0, MlsRule.Truncated);
        var unmerged = new uint[list.Remaining / 4];
        for (var i = 0; i < unmerged.Length; i++)
        {
            unmerged[i] = list.ReadUInt32();
            Check.That(i == 0 || unmerged[i] > unmerged[i - 1], MlsRule.UnmergedLeavesSorted);
        }

        return new ParentNode(encryptionKey, parentHash, unmerged);
    }

    internal override void Write(TlsWriter writer)
    {
        writer.WriteVector(EncryptionKey);
        writer.WriteVector(ParentHash);
        var start = writer.BeginVector();
        foreach (var leaf in Unmerged)
            writer.WriteUInt32(leaf);
        writer.EndVector(start);
    }
}
