using Google.Protobuf;
using Sotto.Wire.Stream;

namespace Sotto.Fuzz.Targets.Relay;

internal static class RelayFrameSeeds
{
    public static IEnumerable<(string Name, byte[] Input)> All()
    {
        foreach (var kind in Enum.GetValues<EntryKind>())
        {
            yield return ($"post-{kind}", Message(new Frame { Request = 1, Post = Post(kind) }));
            var broken = Post(kind);
            broken.Capability = Zeros(31);
            yield return ($"post-{kind}-capability-of-31", Message(new Frame { Request = 1, Post = broken }));
        }

        var leaning = Post(EntryKind.Application);
        (leaning.Payload, leaning.Blob) = (ByteString.Empty, new() { Blob = Zeros(16), Length = 5, Hash = Zeros(32) });
        yield return ("post-blob", Message(new Frame { Request = 1, Post = leaning }));
        yield return ("create", Message(new Frame { Request = 1, CreateChannel = new() { Channel = Zeros(16), Kind = ChannelKind.Conversation, Mailbox = Zeros(16), Token = new() { Type = 1, Value = Zeros(32) } } }));
        yield return ("subscribe", Message(new Frame { Request = uint.MaxValue, Subscribe = new() { Channel = Zeros(16), Mailbox = Zeros(16), ReadCapability = Zeros(32), After = ulong.MaxValue } }));
        yield return ("acknowledge", Message(new Frame { Acknowledge = new() { Subscription = 1, Sequence = ulong.MaxValue } }));
        yield return ("sixty-four", Message([.. Enumerable.Repeat(new Frame { Request = 1 }, 64)]));
        yield return ("sixty-five", Message([.. Enumerable.Repeat(new Frame { Request = 1 }, 65)]));
        yield return ("empty", []);
        yield return ("one-byte", [0x0a]);
        yield return ("length-2-30", [0x0a, 0xff, 0xff, 0xff, 0xff, 0x03]);
        yield return ("length-negative", [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
        yield return ("varint-not-minimal", [0x0a, 0x84, 0x80, 0x00, 0x08, 0x81, 0x80, 0x00]);
        yield return ("varint-of-eleven", [0x0a, 0x0d, 0x08, .. Enumerable.Repeat((byte)0xff, 11), 0x01]);
        yield return ("unknown-fields", [0x0a, 0x07, 0xfa, 0x7f, 0x04, 1, 2, 3, 4]);
        yield return ("group", [0x0a, 0x04, 0x0b, 0x0b, 0x0c, 0x0c]);
        yield return ("group-without-end", [0x0b, 0x0b, 0x0b]);
        yield return ("field-zero", [0x00, 0x00]);
        yield return ("utf8-none", Message(new Frame { Problem = new() { Type = "x" } })[..^1].Append((byte)0xff).ToArray());
        yield return ("body-twice", Nested(200));
    }

    private static Post Post(EntryKind kind)
    {
        var post = new Post
        {
            Channel = Zeros(16),
            Kind = kind,
            EpochTag = kind == EntryKind.IntroEntry ? ByteString.Empty : Zeros(8),
            IdempotencyId = Zeros(16),
            Capability = Zeros(32),
            Payload = Zeros(40),
            Extensions = Zeros(3),
        };
        if (kind == EntryKind.Commit)
            post.Commit = new() { Number = 1, NextWriteCapabilityHash = Zeros(32), Added = { new AddedMailbox { Mailbox = Zeros(16), ClaimTokenHash = Zeros(32) } }, Dropped = { ByteString.CopyFrom([.. Enumerable.Repeat((byte)1, 16)]) }, Receipt = new() { Incarnation = Zeros(8), Signature = Zeros(64), PayloadHash = Zeros(32), NextWriteCapabilityHash = Zeros(32) } };
        if (kind == EntryKind.Proposal)
            post.Proposal = new() { Mailbox = Zeros(16), ReadCapability = Zeros(32) };
        if (kind == EntryKind.IntroEntry)
            post.Intro = new() { ReserveKey = Zeros(32), Token = new() { Type = 1, Value = Zeros(32) } };
        return post;
    }

    private static byte[] Nested(int depth)
    {
        byte[] bytes = [];
        for (var i = 0; i < depth; i++)
            bytes = [0x0a, (byte)(bytes.Length & 0x7f), .. bytes];
        return bytes;
    }

    private static byte[] Message(params Frame[] frames) => new Batch { Frames = { frames } }.ToByteArray();

    private static ByteString Zeros(int count) => ByteString.CopyFrom(new byte[count]);
}
