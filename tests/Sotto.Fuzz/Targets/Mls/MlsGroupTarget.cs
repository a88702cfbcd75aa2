using Sotto.Mls;
using Sotto.Mls.Framing;
using Sotto.Mls.Presentation;

namespace Sotto.Fuzz.Targets.Mls;

/// <summary>
/// One message for a member of the scene. The first byte chooses a true one, the second what is done with it: the rest is
/// another message altogether; or patches to its bytes; or patches to its content, which a dishonest member then signs and
/// frames rightly, in public or in private; or patches to what is encrypted, under any sender and generation.
/// </summary>
internal static class MlsGroupTarget
{
    private static readonly Lazy<MessageScene> _scene = new(() => new MessageScene(MlsScene.Instance));

    internal enum Kind : byte
    {
        Raw,
        Patched,
        PublicContent,
        PrivateContent,
        Plaintext,
    }

    public static IReadOnlyList<TrueMessage> Messages => _scene.Value.Messages;

    public static void Run(ReadOnlySpan<byte> input)
    {
        var scene = _scene.Value;
        MlsScene.Instance.Restart();
        var reader = new InputReader(input);
        var truth = scene.Messages[reader.Byte() % scene.Messages.Count];
        var kind = (Kind)(reader.Byte() % 5);
        var isTrue = kind == Kind.Patched && reader.Rest.IsEmpty;
        try
        {
            var message = MlsMessage.Decode(Make(scene, truth, kind, ref reader));
            using var received = scene.Bob.Group.Receive(message);
            RequireStoredAsMerged(scene, message);
        }
        catch (MlsException refused)
        {
            FindingException.ThrowUnless(!isTrue, $"a true message was refused: {refused.Rule}");
        }

        FindingException.ThrowUnless(GroupState.HashOf(scene.Bob.Group) == scene.BobState, "a message changed the group before it was merged");
    }

    private static ReadOnlySpan<byte> Make(MessageScene scene, TrueMessage truth, Kind kind, ref InputReader reader)
    {
        switch (kind)
        {
            case Kind.Raw:
                return reader.Rest;
            case Kind.Patched:
                return Patches.Apply(truth.Encoded, ref reader);
            case Kind.PublicContent or Kind.PrivateContent:
                var fields = new TlsReader(Patches.Apply(truth.Content, ref reader));
                var content = FramedContent.Read(ref fields);
                fields.End();
                var isPublic = kind == Kind.PublicContent && content.Type != ContentType.Application;
                var message = isPublic ? scene.Alice.Public(content, truth.ConfirmationTag) : scene.Alice.Private(content, truth.ConfirmationTag);
                return message.Encoded.Span;
            default:
                var generation = scene.Alice.NextGeneration(truth.Type) + reader.Byte();
                var leaf = (uint)reader.Byte() * 0x01010101u >> (reader.Byte() & 24);
                return scene.Alice.PrivateOf(truth.Type, Patches.Apply(truth.Plaintext, ref reader), leaf, generation).Encoded.Span;
        }
    }

    /// <summary>What was taken, merged in a copy of the group, leaves what it said that it would store.</summary>
    private static void RequireStoredAsMerged(MessageScene scene, MlsMessage message)
    {
        var copy = scene.Bob.Restarted();
        using (copy.Group)
        {
            FindingException.ThrowUnless(GroupState.HashOf(copy.Group) == scene.BobState, "a group that was loaded is another one");
            using var received = copy.Group.Receive(message);
            var expected = GroupState.HashAfter(copy.Group, received.Change);
            received.Merge();
            FindingException.ThrowUnless(GroupState.HashOf(copy.Group) == expected, "a group holds other things than it stored");
        }
    }
}
