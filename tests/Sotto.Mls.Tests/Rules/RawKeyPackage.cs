using Sotto.Mls.KeyPackages;
using Sotto.Mls.Tests.Groups;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Tests.Rules;

/// <summary>A KeyPackage (RFC 9420 §10) with something changed in its leaf or around it, signed again.</summary>
internal sealed class RawKeyPackage(Person owner)
{
    public Func<LeafNodeContent, LeafNodeContent> Leaf { get; init; } = leaf => leaf;

    /// <summary>The key that signs the leaf; null for the owner's.</summary>
    public SigningKey? LeafKey { get; init; }

    public Func<KeyPackageContent, KeyPackageContent> Content { get; init; } = content => content;

    /// <summary>The key that signs the KeyPackage; null for the owner's.</summary>
    public SigningKey? Key { get; init; }

    public KeyPackage Make()
    {
        using var keys = owner.NewKeyPackage();
        var leaf = LeafNode.Sign(Leaf(keys.KeyPackage.LeafNode.Content), LeafKey ?? owner.SigningKey, new GroupId("group"u8.ToArray()), new LeafIndex(0));
        return KeyPackage.Sign(Content(keys.KeyPackage.Content with { LeafNode = leaf }), Key ?? owner.SigningKey);
    }
}
