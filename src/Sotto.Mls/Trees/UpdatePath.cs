namespace Sotto.Mls.Trees;

/// <summary>The new keys of a committer's path, and the secrets that the others derive them from (RFC 9420 §7.6).</summary>
/// <param name="LeafNode">The committer's new leaf.</param>
/// <param name="Nodes">One for each node of the filtered direct path, lowest first.</param>
internal sealed record UpdatePath(LeafNode LeafNode, IReadOnlyList<UpdatePathNode> Nodes)
{
    /// <summary>How many levels a tree can have above its leaves, whose indices have 32 bits.</summary>
    private const int MostNodes = 32;

    public static UpdatePath Read(ref TlsReader reader)
    {
        var leaf = LeafNode.Read(ref reader);
        var list = reader.ReadVectorReader();
        var nodes = new List<UpdatePathNode>();
        while (!list.IsAtEnd)
        {
            if (nodes.Count == MostNodes)
                throw new MlsException(MlsRule.PathLength);
            nodes.Add(UpdatePathNode.Read(ref list));
        }

        return new UpdatePath(leaf, nodes);
    }

    public void Write(TlsWriter writer)
    {
        LeafNode.Write(writer);
        writer.WriteList(Nodes, (to, node) => node.Write(to));
    }
}

/// <summary>A node's new public key, and its path secret encrypted to each node of the copath child's resolution.</summary>
internal sealed record UpdatePathNode(ReadOnlyMemory<byte> EncryptionKey, IReadOnlyList<HpkeCiphertext> EncryptedPathSecrets)
{
    public static UpdatePathNode Read(ref TlsReader reader)
    {
        var key = reader.ReadVector();
        var list = reader.ReadVectorReader();
        var secrets = new List<HpkeCiphertext>();
        while (!list.IsAtEnd)
            secrets.Add(list.ReadHpkeCiphertext());
        return new UpdatePathNode(key, secrets);
    }

    public void Write(TlsWriter writer)
    {
        writer.WriteVector(EncryptionKey);
        writer.WriteList(EncryptedPathSecrets, (to, secret) => to.WriteHpkeCiphertext(secret));
    }
}

/// <summary>HPKECiphertext of RFC 9420 §7.6.</summary>
internal static class HpkeCiphertextEncoding
{
    // That of X25519; all other KEMs have longer ones. It keeps a list of nothing from taking much more memory than bytes.
    private const int ShortestEncapsulation = 32;

    public static HpkeCiphertext ReadHpkeCiphertext(this ref TlsReader reader)
    {
        var ciphertext = new HpkeCiphertext(reader.ReadVector(), reader.ReadVector());
        Check.That(
            ciphertext.Encapsulation.Length >= ShortestEncapsulation && ciphertext.Ciphertext.Length >= Sizes.AeadTag, MlsRule.HpkeCiphertextLength);
        return ciphertext;
    }

    public static void WriteHpkeCiphertext(this TlsWriter writer, HpkeCiphertext ciphertext)
    {
        writer.WriteVector(ciphertext.Encapsulation);
        writer.WriteVector(ciphertext.Ciphertext);
    }
}
