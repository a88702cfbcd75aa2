using System.Text.Json.Nodes;
using Google.Protobuf;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Stream;
using static Sotto.Relay.Tests.Protocol.VectorFile;

namespace Sotto.Relay.Tests.Protocol;

/// <summary>frames.json: messages of the mailbox plane in Protocol Buffers' own JSON and as bytes.</summary>
internal static class FrameVectors
{
    public static VectorFile File => new(
        "frames.json",
        "Messages of the mailbox plane (stream.proto). `json` is the JSON form of Protocol Buffers, in which bytes are base64; `bytes` is the WebSocket message.",
        [
            Message("hello", new Frame { Hello = new() { Version = 1, Incarnation = Wire("incarnation", 8) } }),
            Message("create a channel", new Frame
            {
                Request = 1,
                CreateChannel = new()
                {
                    Channel = Wire("channel", 16),
                    Kind = ChannelKind.Conversation,
                    WriteCapabilityHash = HashOf("write capability of epoch 0"),
                    Mailbox = Wire("mailbox", 16),
                    ReadCapabilityHash = HashOf("read capability"),
                    Token = new() { Type = 1, Value = Wire("voucher", 32) },
                },
            }),
            Message("post a commit", new Frame { Request = 2, Post = Commit }),
            Message("post a message and acknowledge", new Frame { Request = 300, Post = Application }, new Frame { Acknowledge = new() { Subscription = 1, Sequence = 7 } }),
            Message("posted", new Frame { Request = 300, Posted = new() { Sequence = 8 } }),
            Message("subscribe from the beginning", new Frame
            {
                Request = 4,
                Subscribe = new() { Channel = Wire("channel", 16), Mailbox = Wire("mailbox", 16), ReadCapability = Wire("read capability", 32), After = 0 },
            }),
            Message("push", new Frame { Push = new() { Subscription = 1, Entries = { Entry } } }),
            Message("stale", new Frame { Request = 2, Problem = new() { Type = "urn:sotto:problem:stale", Number = 2 } }),
        ]);

    private static Post Commit => new()
    {
        Channel = Wire("channel", 16),
        EpochTag = Wire("epoch tag", 8),
        Kind = EntryKind.Commit,
        IdempotencyId = Wire("idempotency id", 16),
        Capability = Wire("write capability of epoch 0", 32),
        Payload = Wire("commit", 32),
        Commit = new()
        {
            Number = 1,
            NextWriteCapabilityHash = HashOf("write capability of epoch 1"),
            Added = { new AddedMailbox { Mailbox = Wire("other mailbox", 16), ClaimTokenHash = HashOf("claim token") } },
        },
    };

    private static Post Application => new()
    {
        Channel = Wire("channel", 16),
        LastNumber = 1,
        EpochTag = Wire("next epoch tag", 8),
        Kind = EntryKind.Application,
        ExpiresIn = 604_800,
        WakeClass = 1,
        IdempotencyId = Wire("other idempotency id", 16),
        Capability = Wire("write capability of epoch 1", 32),
        Payload = Wire("message", 32),
    };

    private static Entry Entry => new()
    {
        Sequence = 8,
        Kind = EntryKind.Application,
        Number = 1,
        EpochTag = Wire("next epoch tag", 8),
        Payload = Wire("message", 32),
    };

    private static JsonObject Message(string name, params Frame[] frames)
    {
        var batch = new Batch { Frames = { frames } };
        return new()
        {
            ["name"] = name,
            ["json"] = JsonNode.Parse(JsonFormatter.Default.Format(batch)),
            ["bytes"] = Hex(batch.ToByteArray()),
        };
    }

    private static ByteString Wire(string name, int length) => ByteString.CopyFrom(VectorKey.Value(name)[..length]);

    private static ByteString HashOf(string name) => ByteString.CopyFrom(Bytes.Hash(VectorKey.Value(name)));
}
