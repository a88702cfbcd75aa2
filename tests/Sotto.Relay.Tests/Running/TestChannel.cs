using Sotto.Wire.Stream;

namespace Sotto.Relay.Tests.Running;

/// <summary>A mailbox as its owner knows it.</summary>
public sealed class TestMailbox
{
    public byte[] Id { get; init; } = Bytes.Random(16);

    public byte[] ClaimToken { get; } = Bytes.Random(32);

    public byte[] ReadCapability { get; set; } = Bytes.Random(32);
}

/// <summary>A channel as its members know it: what it takes to write requests for it.</summary>
public sealed class TestChannel
{
    public byte[] Id { get; } = Bytes.Random(16);

    public byte[] WriteCapability { get; set; } = Bytes.Random(32);

    public ulong Number { get; set; }

    public TestMailbox Own { get; } = new();

    /// <summary>A conversation's channel that exists, paid with one of the person's vouchers.</summary>
    public static async Task<TestChannel> CreateAsync(StreamClient stream, Person person, ChannelKind kind = ChannelKind.Conversation)
    {
        var channel = new TestChannel();
        await stream.AskAsync(channel.Create(person.Vouchers.Dequeue(), kind));
        return channel;
    }

    public Frame Create(byte[] voucher, ChannelKind kind = ChannelKind.Conversation) => new()
    {
        CreateChannel = new()
        {
            Channel = Bytes.Wire(Id),
            Kind = kind,
            WriteCapabilityHash = Bytes.Wire(Bytes.Hash(WriteCapability)),
            Mailbox = Bytes.Wire(Own.Id),
            ReadCapabilityHash = Bytes.Wire(Bytes.Hash(Own.ReadCapability)),
            Token = new() { Type = 1, Value = Bytes.Wire(voucher) },
        },
    };

    public Frame Message(byte[] payload, byte[]? id = null) => new()
    {
        Post = new()
        {
            Channel = Bytes.Wire(Id),
            LastNumber = Number,
            EpochTag = Bytes.Wire(new byte[8]),
            Kind = EntryKind.Application,
            IdempotencyId = Bytes.Wire(id ?? Bytes.Random(16)),
            Capability = Bytes.Wire(WriteCapability),
            Payload = Bytes.Wire(payload),
        },
    };

    /// <summary>A commit that nobody has posted yet; <see cref="Won"/> makes it this channel's state.</summary>
    public Frame Commit(byte[] nextCapability, params TestMailbox[] added)
    {
        var frame = Message(Bytes.Random(512));
        frame.Post.Kind = EntryKind.Commit;
        frame.Post.Commit = new() { Number = Number + 1, NextWriteCapabilityHash = Bytes.Wire(Bytes.Hash(nextCapability)) };
        foreach (var mailbox in added)
            frame.Post.Commit.Added.Add(new AddedMailbox { Mailbox = Bytes.Wire(mailbox.Id), ClaimTokenHash = Bytes.Wire(Bytes.Hash(mailbox.ClaimToken)) });
        return frame;
    }

    public void Won(byte[] nextCapability)
    {
        Number++;
        WriteCapability = nextCapability;
    }

    /// <summary>Posts a commit that adds mailboxes, and claims them.</summary>
    public async Task AddAsync(StreamClient stream, params TestMailbox[] added)
    {
        var next = Bytes.Random(32);
        await stream.AskAsync(Commit(next, added));
        Won(next);
        foreach (var mailbox in added)
            await stream.AskAsync(Claim(mailbox));
    }

    public Frame Claim(TestMailbox mailbox) => new()
    {
        Claim = new()
        {
            Channel = Bytes.Wire(Id),
            Mailbox = Bytes.Wire(mailbox.Id),
            ClaimToken = Bytes.Wire(mailbox.ClaimToken),
            ReadCapabilityHash = Bytes.Wire(Bytes.Hash(mailbox.ReadCapability)),
        },
    };

    public Frame Subscribe(TestMailbox mailbox, ulong? after = null)
    {
        var subscribe = new Subscribe { Channel = Bytes.Wire(Id), Mailbox = Bytes.Wire(mailbox.Id), ReadCapability = Bytes.Wire(mailbox.ReadCapability) };
        if (after is { } given)
            subscribe.After = given;
        return new() { Subscribe = subscribe };
    }

    public static Frame Acknowledge(uint subscription, ulong sequence) => new() { Acknowledge = new() { Subscription = subscription, Sequence = sequence } };
}
