using System.Buffers.Binary;
using System.Security.Cryptography;
using Google.Protobuf;
using Sotto.Wire.Stream;

namespace Sotto.Bench.Relay;

/// <summary>A channel as its members know it, and the frames that load it. Writers need no mailbox of their own.</summary>
internal sealed class LoadChannel
{
    public const int Payload = 512;

    private const int MostMembers = 1000;
    private const uint FirstPost = 2;
    private static readonly ByteString Tag = ByteString.CopyFrom(new byte[8]);
    private readonly ByteString _id = Random(16);
    private readonly byte[] _payload = RandomNumberGenerator.GetBytes(Payload);
    private readonly List<Member> _members = [];
    private byte[] _capability = RandomNumberGenerator.GetBytes(32);
    private ulong _number;
    private uint _requests = FirstPost;

    private LoadChannel() => _members.Add(new());

    public int Members => _members.Count;

    /// <summary>Makes a channel and its members' mailboxes, each claimed.</summary>
    public static async Task<LoadChannel> CreateAsync(LoadStream stream, byte[] voucher, int members = 1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(members, MostMembers);
        var channel = new LoadChannel();
        await stream.AskAsync(channel.Create(voucher)).ConfigureAwait(false);
        if (members > 1)
            await channel.AddAsync(stream, members - 1).ConfigureAwait(false);
        return channel;
    }

    public Task<Frame> SubscribeAsync(LoadStream stream, int member = 0) => stream.AskAsync(new()
    {
        Subscribe = new() { Channel = _id, Mailbox = _members[member].Mailbox, ReadCapability = ByteString.CopyFrom(_members[member].Capability) },
    });

    /// <summary>A post that carries a time in its ciphertext's place.</summary>
    public Frame Post(long time)
    {
        var payload = _payload.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(payload, time);
        var frame = Post(UnsafeByteOperations.UnsafeWrap(payload));
        frame.Request = ++_requests;
        return frame;
    }

    /// <summary>The time that a post was given.</summary>
    public static long TimeOf(Entry entry) => BinaryPrimitives.ReadInt64LittleEndian(entry.Payload.Span);

    public static Batch Acknowledge(Push push) =>
        new() { Frames = { new Frame { Acknowledge = new() { Subscription = push.Subscription, Sequence = push.Entries[^1].Sequence } } } };

    private async Task AddAsync(LoadStream stream, int count)
    {
        var added = Enumerable.Range(0, count).Select(_ => new Member()).ToList();
        var next = RandomNumberGenerator.GetBytes(32);
        await stream.AskAsync(Commit(added, next)).ConfigureAwait(false);
        (_capability, _number) = (next, _number + 1);
        foreach (var member in added)
            await stream.AskAsync(Claim(member)).ConfigureAwait(false);
        _members.AddRange(added);
    }

    private Frame Create(byte[] voucher) => new()
    {
        CreateChannel = new()
        {
            Channel = _id,
            Kind = ChannelKind.Conversation,
            WriteCapabilityHash = Hash(_capability),
            Mailbox = _members[0].Mailbox,
            ReadCapabilityHash = Hash(_members[0].Capability),
            Token = new() { Type = 1, Value = ByteString.CopyFrom(voucher) },
        },
    };

    private Frame Post(ByteString payload) => new()
    {
        Post = new()
        {
            Channel = _id,
            LastNumber = _number,
            EpochTag = Tag,
            Kind = EntryKind.Application,
            IdempotencyId = Random(16),
            Capability = ByteString.CopyFrom(_capability),
            Payload = payload,
        },
    };

    private Frame Commit(List<Member> added, byte[] next)
    {
        var frame = Post(Random(Payload));
        frame.Post.Kind = EntryKind.Commit;
        frame.Post.Commit = new() { Number = _number + 1, NextWriteCapabilityHash = Hash(next) };
        frame.Post.Commit.Added.AddRange(added.Select(member => new AddedMailbox { Mailbox = member.Mailbox, ClaimTokenHash = Hash(member.ClaimToken) }));
        return frame;
    }

    private Frame Claim(Member member) => new()
    {
        Claim = new() { Channel = _id, Mailbox = member.Mailbox, ClaimToken = ByteString.CopyFrom(member.ClaimToken), ReadCapabilityHash = Hash(member.Capability) },
    };

    private static ByteString Random(int count) => ByteString.CopyFrom(RandomNumberGenerator.GetBytes(count));

    private static ByteString Hash(byte[] bytes) => ByteString.CopyFrom(SHA256.HashData(bytes));

    private sealed class Member
    {
        public ByteString Mailbox { get; } = Random(16);

        public byte[] ClaimToken { get; } = RandomNumberGenerator.GetBytes(32);

        public byte[] Capability { get; } = RandomNumberGenerator.GetBytes(32);
    }
}
