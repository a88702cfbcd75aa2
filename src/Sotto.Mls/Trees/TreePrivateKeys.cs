using Sotto.Mls.Suites;

namespace Sotto.Mls.Trees;

/// <summary>A node's private key beside its public one.</summary>
internal readonly record struct NodeKey(Secret Private, ReadOnlyMemory<byte> Public);

/// <summary>
/// The private keys that a member holds: its leaf's and those of nodes on its direct path (RFC 9420 §4.2). Immutable;
/// epochs share the secrets that did not change. <see cref="DisposeWhatIsNotIn"/> ends the others.
/// </summary>
internal sealed class TreePrivateKeys
{
    private readonly Dictionary<int, NodeKey> _keys;

    private TreePrivateKeys(Dictionary<int, NodeKey> keys) => _keys = keys;

    /// <summary>The keys by node.</summary>
    public IReadOnlyDictionary<int, NodeKey> Keys => _keys;

    /// <summary>The private key of a node; null when it is not known.</summary>
    public Secret? this[int node] => _keys.TryGetValue(node, out var key) ? key.Private : null;

    /// <summary>The given keys, which are taken over.</summary>
    public static TreePrivateKeys Of(IEnumerable<KeyValuePair<int, NodeKey>> keys) => new(new Dictionary<int, NodeKey>(keys));

    /// <summary>
    /// The keys in a changed tree: without those of nodes that are blank now or have another public key, with those that
    /// the change brought.
    /// </summary>
    public TreePrivateKeys In(NodeArray tree, params IEnumerable<KeyValuePair<int, NodeKey>> brought)
    {
        var length = TreeMath.NodeCount(tree.Width);
        var keys = _keys
            .Where(key => key.Key < length && tree[key.Key] is { } node && node.EncryptionKey.SameAs(key.Value.Public))
            .ToDictionary();
        foreach (var (node, key) in brought)
            keys[node] = key;
        return new TreePrivateKeys(keys);
    }

    /// <summary>Whether every private key fits its node's public key.</summary>
    public bool Fit(SuiteCrypto crypto, NodeArray tree) => _keys.All(key =>
        tree[key.Key] is { } node && crypto.Hpke.PublicKey(key.Value.Private.Bytes).AsSpan().SequenceEqual(node.EncryptionKey.Span));

    /// <summary>Wipes the keys that another set does not share.</summary>
    public void DisposeWhatIsNotIn(TreePrivateKeys? other)
    {
        foreach (var (node, key) in _keys)
        {
            if (!ReferenceEquals(other?[node], key.Private))
                key.Private.Dispose();
        }
    }
}
