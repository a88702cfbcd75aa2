using Sotto.Mls;
using Sotto.Mls.Extensions;
using Sotto.Mls.Groups;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Fuzz.Targets.Mls;

/// <summary>Trees as a dishonest member would hand them out.</summary>
internal static class Trees
{
    /// <summary>A GroupInfo whose context has the hash of the tree that comes with it, whatever tree that is.</summary>
    public static GroupInfoContent WithHashOfTree(SuiteCrypto crypto, MlsScene scene, GroupInfoContent content)
    {
        if (content.Extensions.Find(ExtensionTypes.RatchetTree) is not { } encoded)
            return content;
        var tree = RatchetTree.Decode(encoded, scene.Alice.Options.Limits);
        return content with { Context = WithTreeHash(content.Context, tree.RootHash(crypto)) };
    }

    public static GroupContext WithTreeHash(GroupContext context, ReadOnlyMemory<byte> hash) => new(
        context.CipherSuite, context.GroupId, context.Epoch, hash, context.ConfirmedTranscriptHash, context.Extensions);

    /// <summary>The tree with every leaf signed by its own key again, where the scene has the key.</summary>
    public static RatchetTree SignAgain(MlsScene scene, RatchetTree tree, GroupId group)
    {
        var nodes = Enumerable.Range(0, TreeMath.NodeCount(tree.Width)).Select(node => tree[node]).ToArray();
        foreach (var (index, leaf) in tree.Leaves())
        {
            if (scene.KeyOf(leaf) is { } key)
                nodes[index.Node] = LeafNode.Sign(leaf.Content, key, group, index);
        }

        return RatchetTree.Of(nodes, new byte[]?[nodes.Length]);
    }
}
