using Sotto.Mls;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Presentation;

namespace Sotto.Fuzz.Targets.Mls;

/// <summary>
/// A GroupInfo that somebody wants to join by. The first byte chooses whether the rest is one, patches to a true one, or
/// patches to its fields, which are then signed by a member, with the tree hash that goes with the tree or without.
/// </summary>
internal static class GroupInfoTarget
{
    private static readonly Lazy<GroupInfo> _true = new(() =>
    {
        MlsScene.Instance.Restart();
        return MlsScene.Instance.Alice.Group.MakeGroupInfo();
    });

    internal enum Kind : byte
    {
        Raw,
        Patched,
        Fields,
        FieldsAndHash,
    }

    public static byte[] True => _true.Value.Encoded.ToArray();

    public static int FieldsLength => TlsWriter.Encode(_true.Value.Content.Write).Length;

    public static void Run(ReadOnlySpan<byte> input)
    {
        var scene = MlsScene.Instance;
        var reader = new InputReader(input);
        var kind = (Kind)(reader.Byte() % 4);
        var isTrue = kind != Kind.Raw && reader.Rest.IsEmpty;
        try
        {
            var info = Make(scene, kind, ref reader);
            scene.Restart();
            var message = MlsMessage.Of(info);
            Reencoding.Require(message, message.Encoded.Span);
            using var joining = scene.Outsider.Client.JoinExternally(info, new ExternalJoinParameters(scene.Outsider.SigningKey, scene.Outsider.Credential));
        }
        catch (MlsException refused)
        {
            FindingException.ThrowUnless(!isTrue, $"the true GroupInfo was refused: {refused.Rule}");
        }
    }

    private static GroupInfo Make(MlsScene scene, Kind kind, ref InputReader reader)
    {
        switch (kind)
        {
            case Kind.Raw:
                return Decode(reader.Rest);
            case Kind.Patched:
                return Decode(Patches.Apply(_true.Value.Encoded.Span, ref reader));
            default:
                var fields = new TlsReader(Patches.Apply(TlsWriter.Encode(_true.Value.Content.Write), ref reader));
                var content = GroupInfoContent.Read(ref fields);
                fields.End();
                if (kind == Kind.FieldsAndHash)
                    content = Trees.WithHashOfTree(scene.Crypto, scene, content);
                return Decode(GroupInfo.Sign(content, scene.Alice.SigningKey).Encoded.Span);
        }
    }

    private static GroupInfo Decode(ReadOnlySpan<byte> encoded) => MlsMessage.Decode([0, 1, 0, 4, .. encoded]).GroupInfo!;
}
