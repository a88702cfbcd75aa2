using Sotto.Mls;
using Sotto.Mls.Extensions;
using Sotto.Mls.Groups;
using Sotto.Mls.Trees;

namespace Sotto.Fuzz.Targets.Mls;

/// <summary>
/// A public tree that a joiner gets. The first byte chooses whether the rest is one or patches to a true one, and whether
/// its leaves are signed again by the members' own keys. Its hash and the GroupInfo around it are always right, so that
/// the checks of the tree itself are reached.
/// </summary>
internal static class RatchetTreeTarget
{
    public const byte Raw = 0;
    public const byte Patched = 1;
    public const byte SignedAgain = 2;

    private static readonly Lazy<byte[]> _true = new(MlsScene.Instance.Alice.Group.EncodeTree);

    public static byte[] True => _true.Value;

    public static void Run(ReadOnlySpan<byte> input)
    {
        var scene = MlsScene.Instance;
        scene.Restart();
        var reader = new InputReader(input);
        var choice = reader.Byte() % 3;
        var isTrue = choice != Raw && reader.Rest.IsEmpty;
        var encoded = choice == Raw ? reader.Rest.ToArray() : Patches.Apply(_true.Value, ref reader);
        try
        {
            var tree = RatchetTree.Decode(encoded, scene.Alice.Options.Limits);
            FindingException.ThrowUnless(tree.Encode().AsSpan().SequenceEqual(encoded), "a tree has two encodings");
            foreach (var (_, leaf) in tree.Leaves())
                Reencoding.Require(leaf);
            Validate(scene, choice == SignedAgain ? Trees.SignAgain(scene, tree, scene.Alice.Group.GroupId) : tree);
        }
        catch (MlsException refused)
        {
            FindingException.ThrowUnless(choice != Patched || !isTrue, $"the true tree was refused: {refused.Rule}");
        }
    }

    private static void Validate(MlsScene scene, RatchetTree tree)
    {
        var alice = scene.Alice.Group.Current;
        var content = new GroupInfoContent(
            Trees.WithTreeHash(alice.Context, tree.RootHash(scene.Crypto)),
            new ExtensionList([new Extension(ExtensionTypes.RatchetTree, tree.Encode())]), alice.ConfirmationTag, alice.Own);
        VerifiedGroupInfo.Verify(scene.Crypto, scene.Outsider.Options, GroupInfo.Sign(content, scene.Alice.SigningKey), null);
    }
}
