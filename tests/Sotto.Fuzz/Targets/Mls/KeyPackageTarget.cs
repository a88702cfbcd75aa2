using Sotto.Mls;
using Sotto.Mls.Groups;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Presentation;
using Sotto.Mls.Proposals;
using Sotto.Mls.Trees;

namespace Sotto.Fuzz.Targets.Mls;

/// <summary>
/// A KeyPackage that somebody publishes. The first byte chooses whether the rest is one, patches to a true one, or patches
/// to the fields of a true one's leaf or of its own, which are then signed again. One that passes the checks is added.
/// </summary>
internal static class KeyPackageTarget
{
    internal enum Kind : byte
    {
        Raw,
        Patched,
        LeafFields,
        Fields,
    }

    public static void Run(ReadOnlySpan<byte> input)
    {
        var scene = MlsScene.Instance;
        scene.Restart();
        var reader = new InputReader(input);
        try
        {
            var keyPackage = Make(scene, (Kind)(reader.Byte() % 4), ref reader);
            Reencoding.Require(keyPackage.LeafNode);
            var verified = scene.Alice.Client.Verify(keyPackage, Participant.Now);
            using var commit = scene.Alice.Group.PrepareCommit(
                new CommitParameters { Proposals = [new AddProposal(verified)], IncludeWaiting = false }, Participant.Now);
        }
        catch (MlsException)
        {
            // Refused.
        }
    }

    private static KeyPackage Make(MlsScene scene, Kind kind, ref InputReader reader)
    {
        var truth = scene.OutsiderKeys.KeyPackage;
        switch (kind)
        {
            case Kind.Raw:
                return KeyPackage.Decode(reader.Rest);
            case Kind.Patched:
                return KeyPackage.Decode(Patches.Apply(truth.Encoded.Span, ref reader));
            case Kind.LeafFields:
                var leaf = new TlsReader(Patches.Apply(TlsWriter.Encode(truth.LeafNode.Content.Write), ref reader));
                var content = LeafNodeContent.Read(ref leaf);
                leaf.End();
                var group = scene.Alice.Group;
                return KeyPackage.Sign(
                    truth.Content with { LeafNode = LeafNode.Sign(content, scene.Outsider.SigningKey, group.GroupId, group.OwnIndex) }, scene.Outsider.SigningKey);
            default:
                var fields = new TlsReader(Patches.Apply(TlsWriter.Encode(truth.Content.Write), ref reader));
                var whole = KeyPackageContent.Read(ref fields);
                fields.End();
                return KeyPackage.Sign(whole, scene.Outsider.SigningKey);
        }
    }
}
