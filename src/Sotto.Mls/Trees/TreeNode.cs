namespace Sotto.Mls.Trees;

/// <summary>A node of the ratchet tree that is not blank (RFC 9420 §4.1.1).</summary>
public abstract class TreeNode
{
    private protected TreeNode(ReadOnlyMemory<byte> encryptionKey)
    {
        EncryptionKey = encryptionKey;
        EncryptionKeyHash = encryptionKey.ContentHash();
    }

    /// <summary>The HPKE public key of the node.</summary>
    public ReadOnlyMemory<byte> EncryptionKey { get; }

    /// <summary>For finding equal keys without comparing all pairs.</summary>
    internal int EncryptionKeyHash { get; }

    /// <summary>The hash of the next node above that is not blank, as it was when this node was set (§7.9).</summary>
    internal abstract ReadOnlyMemory<byte> ParentHash { get; }

    internal abstract void Write(TlsWriter writer);
}
