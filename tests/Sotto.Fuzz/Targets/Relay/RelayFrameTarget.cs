using Google.Protobuf;
using Sotto.Crypto;
using Sotto.Crypto.Native;
using Sotto.Relay;
using Sotto.Relay.Channels;
using Sotto.Relay.Streams;
using Sotto.Wire;
using Sotto.Wire.Stream;

namespace Sotto.Fuzz.Targets.Relay;

/// <summary>One WebSocket message: read as a batch, each post checked and encoded as readers get it.</summary>
internal static class RelayFrameTarget
{
    /// <summary>A mailbox that is added or dropped takes 54 or 18 bytes, and an entry some tags and numbers.</summary>
    private const int MostBeside = 512 + Limits.Extensions + Limits.MailboxesInCommit * (54 + 18);

    private static readonly PostReader Posts = new(new(new NativeCryptoProvider(), Secret.CopyOf(new byte[32])), 1);

    public static void Run(ReadOnlySpan<byte> input)
    {
        if (StreamConnection.Parse(input) is not { } batch)
            return;
        FindingException.ThrowUnless(batch.Frames.Count is > 0 and <= Limits.FramesInMessage, "too many frames");
        foreach (var frame in batch.Frames.Where(frame => frame.BodyCase == Frame.BodyOneofCase.Post))
            Read(frame.Post);
    }

    private static void Read(Post post)
    {
        NewEntry read;
        try
        {
            read = Posts.Read(post);
        }
        catch (RelayException)
        {
            return;
        }

        var bytes = read.Encode(7);
        var entry = Entry.Parser.ParseFrom(bytes);
        FindingException.ThrowUnless(bytes.Length <= Limits.Payload + MostBeside, "an entry that is longer than it may be");
        FindingException.ThrowUnless(entry.Sequence == 7 && entry.Kind == post.Kind, "another sequence or kind");
        FindingException.ThrowUnless(entry.Payload == post.Payload && Equals(entry.Blob, post.Blob), "another payload");
        FindingException.ThrowUnless(entry.Extensions == post.Extensions && entry.EpochTag == post.EpochTag, "other fields that are returned unread");
        FindingException.ThrowUnless((entry.Commit is null) == (post.Commit is null), "facts of a commit that is none, or none of one");
        if (entry.Commit is { } facts && post.Commit is { } commit)
            FindingException.ThrowUnless(facts.Added.Equals(commit.Added) && facts.Receipt.Number == commit.Number, "another commit");
        FindingException.ThrowUnless(read.Digest == Posts.Read(Post.Parser.ParseFrom(post.ToByteArray())).Digest, "another digest of the same post");
    }
}
