using Sotto.Mls.Extensions;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Groups;

/// <summary>
/// A GroupInfo and its tree after everything that a joiner can check of them without secrets (RFC 9420 §12.4.3.1). Only
/// these can be joined.
/// </summary>
internal sealed class VerifiedGroupInfo
{
    private VerifiedGroupInfo(GroupInfo info, RatchetTree tree)
    {
        Info = info;
        Tree = tree;
    }

    public GroupInfo Info { get; }

    public RatchetTree Tree { get; }

    /// <summary>Checks a GroupInfo with the tree that it has or that came in another way.</summary>
    public static VerifiedGroupInfo Verify(SuiteCrypto crypto, MlsClientOptions options, GroupInfo info, ReadOnlyMemory<byte>? otherTree)
    {
        var context = info.Context;
        Check.That(context.CipherSuite == crypto.Suite.Id, MlsRule.GroupInfoSuite);
        Check.That(context.Extensions.All(extension => options.Capabilities.SupportsExtension(extension.Type)), MlsRule.OwnSupportOfExtensions);
        var encodedTree = info.Extensions.Find(ExtensionTypes.RatchetTree) ?? otherTree;
        if (encodedTree is null)
            throw new MlsException(MlsRule.TreePresent);

        var tree = RatchetTree.Decode(encodedTree.Value, options.Limits);
        if (tree.Leaf(info.Signer) is not { } signer)
            throw new MlsException(MlsRule.GroupInfoSigner);
        Check.That(info.IsSigned(crypto, signer.SignatureKey.Span), MlsRule.GroupInfoSignature);
        ValidateLeaves(crypto, options, context, tree);
        Check.That(context.TreeHash.Span.SequenceEqual(tree.RootHash(crypto)), MlsRule.TreeHashMatches);
        TreeValidator.Validate(crypto, tree);
        return new VerifiedGroupInfo(info, tree);
    }

    private static void ValidateLeaves(SuiteCrypto crypto, MlsClientOptions options, GroupContext context, RatchetTree tree)
    {
        var validator = new LeafValidator(crypto, options);
        var leaves = tree.Leaves().ToArray();
        Cores.ForEach(leaves.Length, i =>
        {
            validator.ValidateJoined(leaves[i].Leaf, context.GroupId, leaves[i].Index);
            tree.HashLeaf(crypto, leaves[i].Index);
        });
        LeafValidator.ValidateTogether(tree, context.Extensions);
        foreach (var sender in ExternalSender.From(context.Extensions))
            Check.That(options.Authentication.IsValidSender(sender), MlsRule.ExternalSenderCredential);
    }
}
