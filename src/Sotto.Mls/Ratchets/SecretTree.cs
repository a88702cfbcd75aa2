using Sotto.Mls.Framing;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Ratchets;

/// <summary>
/// The secrets from which every member's message keys of an epoch come (RFC 9420 §9). A node's secret is there until
/// one below it is used, then its children's are; a leaf's gives way to its two ratchets. The owner disposes it.
/// </summary>
internal sealed class SecretTree : IDisposable
{
    private readonly SuiteCrypto _crypto;
    private readonly int _width;
    private readonly Dictionary<int, Secret> _nodes = [];
    private readonly Dictionary<LeafIndex, SenderRatchets> _ratchets = [];

    /// <summary>A tree with all its secrets still in the root's.</summary>
    /// <param name="crypto">The group's functions.</param>
    /// <param name="width">The width of the ratchet tree.</param>
    /// <param name="encryptionSecret">The epoch's encryption secret, which the tree takes over.</param>
    public SecretTree(SuiteCrypto crypto, int width, Secret encryptionSecret)
        : this(crypto, width) => _nodes.Add(TreeMath.Root(width), encryptionSecret);

    /// <summary>A tree whose secrets are restored from storage.</summary>
    public SecretTree(SuiteCrypto crypto, int width)
    {
        _crypto = crypto;
        _width = width;
    }

    /// <summary>Secrets that were not used yet, by node.</summary>
    public IReadOnlyDictionary<int, Secret> Nodes => _nodes;

    /// <summary>Ratchets that were begun, by sender.</summary>
    public IReadOnlyDictionary<LeafIndex, SenderRatchets> Ratchets => _ratchets;

    public void Restore(int node, Secret secret) => _nodes.Add(node, secret);

    public void Restore(LeafIndex leaf, SenderRatchets ratchets) => _ratchets.Add(leaf, ratchets);

    /// <summary>The next unused generation of a sender.</summary>
    public SecretTreeStep Next(LeafIndex leaf, ContentType type, MlsLimits limits) => Step(leaf, type, null, limits);

    /// <summary>One generation of a sender. Nothing changes until the step is taken.</summary>
    /// <exception cref="MlsException">The generation was used, or is too far ahead.</exception>
    public SecretTreeStep At(LeafIndex leaf, ContentType type, uint generation, MlsLimits limits) => Step(leaf, type, generation, limits);

    /// <summary>Takes a step: the tree changes, and what was spent is wiped.</summary>
    public void Take(SecretTreeStep step)
    {
        foreach (var node in step.SpentNodes)
        {
            _nodes.Remove(node, out var spent);
            spent!.Dispose();
        }

        foreach (var (node, secret) in step.NewNodes)
            _nodes.Add(node, secret);
        _ratchets[step.Leaf] = step.Ratchets;
        step.Ratchet.Take();
    }

    public void Dispose()
    {
        foreach (var secret in _nodes.Values)
            secret.Dispose();
        foreach (var ratchets in _ratchets.Values)
            ratchets.Dispose();
        _nodes.Clear();
        _ratchets.Clear();
    }

    private SecretTreeStep Step(LeafIndex leaf, ContentType type, uint? generation, MlsLimits limits)
    {
        Check.That(leaf.Value < _width, MlsRule.SenderLeafOccupied);
        if (_ratchets.TryGetValue(leaf, out var ratchets))
        {
            var taken = ratchets[type].Step(_crypto, generation ?? ratchets[type].Next, limits);
            return new SecretTreeStep(leaf, [], [], ratchets.With(type, taken.After), taken, null);
        }

        return FirstStep(leaf, type, generation ?? 0, limits);
    }

    /// <summary>Goes down from the lowest node whose secret is still there to the leaf.</summary>
    private SecretTreeStep FirstStep(LeafIndex leaf, ContentType type, uint generation, MlsLimits limits)
    {
        var start = TreeMath.DirectPath(leaf.Node, _width).Prepend(leaf.Node).FirstOrDefault(_nodes.ContainsKey, -1);
        if (start < 0)
            throw new MlsException(MlsRule.GenerationUnspent);

        var unused = new List<KeyValuePair<int, Secret>>();
        var secret = _nodes[start];
        for (var node = start; node != leaf.Node;)
        {
            var (left, right) = Children(secret.Bytes);
            if (node != start)
                secret.Dispose();
            var goesLeft = leaf.Node < node;
            unused.Add(goesLeft ? new(TreeMath.Right(node), right) : new(TreeMath.Left(node), left));
            secret = goesLeft ? left : right;
            node = goesLeft ? TreeMath.Left(node) : TreeMath.Right(node);
        }

        var fresh = SenderRatchets.Derive(_crypto, secret.Bytes);
        if (start != leaf.Node)
            secret.Dispose();
        try
        {
            var taken = fresh[type].Step(_crypto, generation, limits);
            return new SecretTreeStep(leaf, [start], unused, fresh.With(type, taken.After), taken, fresh);
        }
        catch (MlsException)
        {
            fresh.Dispose();
            unused.ForEach(node => node.Value.Dispose());
            throw;
        }
    }

    private (Secret Left, Secret Right) Children(ReadOnlySpan<byte> secret)
    {
        using var parent = _crypto.Open(secret);
        return (parent.Expand("tree"u8, "left"u8, _crypto.HashLength), parent.Expand("tree"u8, "right"u8, _crypto.HashLength));
    }
}

/// <summary>One generation's key, and what the tree will be when it is used. Taken by the tree, or dropped.</summary>
internal sealed record SecretTreeStep(
    LeafIndex Leaf,
    IReadOnlyList<int> SpentNodes,
    IReadOnlyList<KeyValuePair<int, Secret>> NewNodes,
    SenderRatchets Ratchets,
    HashRatchetStep Ratchet,
    SenderRatchets? Fresh)
{
    public MessageKey Key => Ratchet.Key;

    /// <summary>Wipes what was derived for the step.</summary>
    public void Drop()
    {
        Ratchet.Drop();
        Fresh?.Dispose();
        foreach (var (_, secret) in NewNodes)
            secret.Dispose();
    }
}
