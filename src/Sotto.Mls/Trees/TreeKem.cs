using Sotto.Mls.Groups;
using Sotto.Mls.Suites;

namespace Sotto.Mls.Trees;

/// <summary>Making and following a committer's path (RFC 9420 §7.5, §7.6).</summary>
internal static class TreeKem
{
    // Below this number of encryptions a second core costs more than it helps.
    /// <summary>
    /// Gives the committer's path new keys: sets them in the tree with their parent hashes, and gives back the path's
    /// secrets and the parent hash that the committer's leaf must carry.
    /// </summary>
    public static (PathSecrets Secrets, byte[] LeafParentHash) Refresh(SuiteCrypto crypto, TreeEditor tree, LeafIndex committer)
    {
        var steps = tree.FilteredDirectPath(committer);
        var secrets = PathSecrets.Derive(crypto, steps, crypto.RandomSecret());
        var leafParentHash = SetPath(crypto, tree, committer, steps, [.. secrets.PublicKeys.Select(key => new ReadOnlyMemory<byte>(key))]);
        return (secrets, leafParentHash);
    }

    /// <summary>Sets the public keys of a path, computing parent hashes from the root down (§7.9).</summary>
    /// <returns>The parent hash that the committer's leaf must carry.</returns>
    public static byte[] SetPath(
        SuiteCrypto crypto, TreeEditor tree, LeafIndex committer, List<PathStep> steps, IReadOnlyList<ReadOnlyMemory<byte>> publicKeys)
    {
        tree.BlankPath(committer);
        var above = Array.Empty<byte>();
        for (var i = steps.Count - 1; i >= 0; i--)
        {
            var parent = new ParentNode(publicKeys[i], above, []);
            tree.SetParent(steps[i].Node, parent);
            above = NodeArray.ParentHash(crypto, parent, tree.TreeHash(crypto, steps[i].Copath));
        }

        return above;
    }

    /// <summary>Encrypts each path secret to the resolution of its copath child, without the leaves that the commit adds.</summary>
    public static List<UpdatePathNode> Encrypt(
        SuiteCrypto crypto, NodeArray tree, List<PathStep> steps, PathSecrets secrets, IReadOnlySet<int> added, GroupContext provisional)
    {
        var receivers = steps.Select(step => Receivers(tree, step.Copath, added)).ToList();
        var ciphertexts = receivers.Select(nodes => new HpkeCiphertext[nodes.Count]).ToList();
        var tasks = receivers.SelectMany((nodes, step) => nodes.Select((node, place) => (step, place, node))).ToArray();
        var context = crypto.PrepareEncryption("UpdatePathNode"u8, provisional.Encoded);

        Cores.ForEach(tasks.Length, i =>
        {
            var (step, place, node) = tasks[i];
            ciphertexts[step][place] = Check.Usable(
                () => crypto.Hpke.Seal(tree[node]!.EncryptionKey.Span, context, default, secrets.Secrets[step].Bytes),
                MlsRule.UsableEncryptionKey);
        });
        return [.. steps.Select((_, i) => new UpdatePathNode(secrets.PublicKeys[i], ciphertexts[i]))];
    }

    /// <summary>
    /// Sets the path of a received commit in the tree. The number of its nodes and ciphertexts and the leaf's parent hash
    /// are checked.
    /// </summary>
    public static void Merge(SuiteCrypto crypto, TreeEditor tree, LeafIndex committer, UpdatePath path, List<PathStep> steps, IReadOnlySet<int> added)
    {
        if (path.Nodes.Count != steps.Count)
            throw new MlsException(MlsRule.PathLength);
        for (var i = 0; i < steps.Count; i++)
            Check.That(path.Nodes[i].EncryptedPathSecrets.Count == Receivers(tree, steps[i].Copath, added).Count, MlsRule.PathCiphertexts);

        var parentHash = SetPath(crypto, tree, committer, steps, [.. path.Nodes.Select(node => node.EncryptionKey)]);
        Check.That(path.LeafNode.ParentHash.Span.SequenceEqual(parentHash), MlsRule.PathParentHash);
        tree.SetLeaf(committer, path.LeafNode);
    }

    /// <summary>
    /// Opens the path secret that is meant for a member and derives the rest of the path from it. The caller disposes the
    /// result.
    /// </summary>
    public static PathSecrets Follow(
        SuiteCrypto crypto, NodeArray tree, UpdatePath path, List<PathStep> steps, IReadOnlySet<int> added,
        LeafIndex own, TreePrivateKeys privateKeys, GroupContext provisional)
    {
        var place = steps.FindIndex(step => TreeMath.IsWithin(own.Node, step.Copath));
        var receivers = Receivers(tree, steps[place].Copath, added);
        var receiver = receivers.FindIndex(node => privateKeys[node] is not null);
        if (receiver < 0 || receiver >= path.Nodes[place].EncryptedPathSecrets.Count)
            throw new MlsException(MlsRule.PathCiphertexts);

        var secret = crypto.DecryptWithLabel(
            privateKeys[receivers[receiver]]!.Bytes, "UpdatePathNode"u8, provisional.Encoded, path.Nodes[place].EncryptedPathSecrets[receiver])
            ?? throw new MlsException(MlsRule.PathSecretOpens);
        CheckLength(crypto, secret);
        return DeriveChecked(crypto, tree, steps[place..], secret, MlsRule.PathPublicKeys);
    }

    /// <summary>What a joiner derives from the path secret of a Welcome (§12.4.3.1). The caller disposes the result.</summary>
    public static PathSecrets FollowWelcome(SuiteCrypto crypto, RatchetTree tree, LeafIndex signer, LeafIndex own, Secret pathSecret)
    {
        var ancestor = TreeMath.CommonAncestor(signer.Node, own.Node);
        var steps = tree.FilteredDirectPath(signer).Where(step => step.Node == ancestor || TreeMath.Level(step.Node) > TreeMath.Level(ancestor)).ToList();
        var secret = Secret.CopyOf(pathSecret.Bytes);
        CheckLength(crypto, secret);
        return DeriveChecked(crypto, tree, steps, secret, MlsRule.WelcomePathKeys);
    }

    /// <summary>The nodes that a path secret is encrypted to.</summary>
    private static List<int> Receivers(NodeArray tree, int copath, IReadOnlySet<int> added)
    {
        var resolution = tree.Resolution(copath);
        if (added.Count > 0)
            resolution.RemoveAll(added.Contains);
        return resolution;
    }

    private static PathSecrets DeriveChecked(SuiteCrypto crypto, NodeArray tree, List<PathStep> steps, Secret first, MlsRule rule)
    {
        var secrets = PathSecrets.Derive(crypto, steps, first);
        try
        {
            for (var i = 0; i < steps.Count; i++)
                Check.That(tree[steps[i].Node] is { } node && node.EncryptionKey.Span.SequenceEqual(secrets.PublicKeys[i]), rule);
            return secrets;
        }
        catch (MlsException)
        {
            secrets.Dispose();
            throw;
        }
    }

    private static void CheckLength(SuiteCrypto crypto, Secret secret)
    {
        if (secret.Length == crypto.HashLength)
            return;
        secret.Dispose();
        throw new MlsException(MlsRule.PathSecretLength);
    }
}
