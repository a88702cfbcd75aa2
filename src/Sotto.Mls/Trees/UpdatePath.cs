namespace Sotto.Mls.Trees;

/// <summary>The new keys of a committer's path, and the secrets that the others derive them from (RFC 9420 §7.6).</summary>
/// <param name="LeafNode">The committer's new leaf.</param>
/// <param name="Nodes">One for each node of the filtered direct path, lowest first.</param>
internal sealed record UpdatePath(LeafNode LeafNode, IReadOnlyList<UpdatePathNode> Nodes)
{
    public static UpdatePath Read(ref TlsReader reader)
    {
        var leaf = LeafNode.Read(ref reader);
        var list = reader.ReadVectorReader();
        var nodes = new List<UpdatePathNode>();
        while (!list.IsAtEnd)
            nodes.Add(UpdatePathNode.Read(ref list));
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
    public static HpkeCiphertext ReadHpkeCiphertext(this ref TlsReader reader) =>
        new(reader.ReadVector(), reader.ReadVector());

    public static void WriteHpkeCiphertext(this TlsWriter writer, HpkeCiphertext ciphertext)
    {
        writer.WriteVector(ciphertext.Encapsulation);
        writer.WriteVector(ciphertext.Ciphertext);
    }
}
