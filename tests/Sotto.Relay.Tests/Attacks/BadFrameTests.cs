using Google.Protobuf;
using Google.Protobuf.Reflection;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Tests.Attacks;

/// <summary>
/// Every request of the mailbox plane with each of its fields made wrong: answered once, by a known type or as a success, and
/// what is refused changes nothing.
/// </summary>
public sealed class BadFrameTests
{
    private static readonly int[] Lengths = [0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 64, 65, 1_025, 70_000];

    [Fact]
    public async Task Each_field_of_each_request_made_wrong_is_answered_and_what_is_refused_changes_nothing()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        await using var stream = await relay.ConnectAsync();
        var channel = await TestChannel.CreateAsync(stream, ann);
        var intro = await TestChannel.CreateAsync(stream, ann, ChannelKind.Intro);
        var (refused, taken) = (0, 0);
        foreach (var request in Requests(channel, intro, ann.Vouchers.Peek()))
        {
            foreach (var (field, wrong) in Mutations(request))
            {
                var before = DatabaseDump.Of(relay.Folder);
                var answer = await (await stream.StartAsync(wrong)).WaitAsync(StreamClient.Patience);
                if (answer.BodyCase != Frame.BodyOneofCase.Problem)
                {
                    taken++;
                    continue;
                }

                refused++;
                Assert.True(ProblemTypes.Parse(answer.Problem.Type) is not null, $"{request.BodyCase} {field}: {answer.Problem.Type}");
                Assert.True(before == DatabaseDump.Of(relay.Folder), $"{request.BodyCase} {field} changed something.");
            }
        }

        Assert.True(refused > 400, $"Only {refused} were refused.");
        Assert.True(taken < refused / 2, $"{taken} were taken.");
        // What is right changes something, and the comparison sees it.
        var last = DatabaseDump.Of(relay.Folder);
        await stream.AskAsync(channel.Message([1]));
        Assert.NotEqual(last, DatabaseDump.Of(relay.Folder));
    }

    private static Frame[] Requests(TestChannel channel, TestChannel intro, byte[] voucher)
    {
        var commit = channel.Commit(Bytes.Random(32), new TestMailbox());
        commit.Post.Commit.Dropped.Add(Bytes.Wire(Bytes.Random(16)));
        commit.Post.Commit.Receipt = new() { Incarnation = Bytes.Wire(new byte[8]), Number = 1, PayloadHash = Bytes.Wire(new byte[32]), NextWriteCapabilityHash = Bytes.Wire(new byte[32]), Signature = Bytes.Wire(new byte[64]) };
        var blob = channel.Message([1]);
        (blob.Post.Payload, blob.Post.Blob) = (ByteString.Empty, new() { Blob = Bytes.Wire(Bytes.Random(16)), Length = 1, Hash = Bytes.Wire(Bytes.Random(32)) });
        var leaving = channel.Message([1]);
        (leaving.Post.Kind, leaving.Post.Proposal) = (EntryKind.Proposal, new() { Mailbox = Bytes.Wire(Bytes.Random(16)), ReadCapability = Bytes.Wire(new byte[32]) });
        var through = intro.Message([1]);
        (through.Post.Kind, through.Post.EpochTag, through.Post.Intro) = (EntryKind.IntroEntry, ByteString.Empty, new() { ReserveKey = Bytes.Wire(new byte[32]), Token = new() { Type = 1, Value = Bytes.Wire(new byte[32]) } });
        return
        [
            new TestChannel().Create(voucher), channel.Message([1]), commit, blob, leaving, through, channel.Claim(channel.Own), channel.Subscribe(channel.Own, 0),
            new() { Rekey = new() { Channel = Bytes.Wire(channel.Id), Mailbox = Bytes.Wire(channel.Own.Id), ReadCapability = Bytes.Wire(new byte[32]), NewReadCapabilityHash = Bytes.Wire(new byte[32]) } },
            new() { Unsubscribe = new() { Subscription = 77 } },
            TestChannel.Acknowledge(77, 1),
            new() { SetNote = new() { Channel = Bytes.Wire(channel.Id), Mailbox = Bytes.Wire(channel.Own.Id), ReadCapability = Bytes.Wire(channel.Own.ReadCapability), OldNoteHash = Bytes.Wire(new byte[32]), Note = Bytes.Wire(new byte[64]) } },
            new() { SetWakeToken = new() { Channel = Bytes.Wire(channel.Id), Mailbox = Bytes.Wire(channel.Own.Id), ReadCapability = Bytes.Wire(new byte[32]), WakeToken = Bytes.Wire(new byte[64]) } },
            new() { OpenLane = new() { Channel = Bytes.Wire(intro.Id), Capability = Bytes.Wire(new byte[32]), LaneHash = Bytes.Wire(new byte[32]), Kind = LaneKind.Contact } },
            new() { CloseLane = new() { Channel = Bytes.Wire(intro.Id), Capability = Bytes.Wire(new byte[32]), LaneHash = Bytes.Wire(new byte[32]) } },
            new() { Reserve = new() { Channel = Bytes.Wire(intro.Id), LaneCapability = Bytes.Wire(new byte[32]), ReserveKeyHash = Bytes.Wire(new byte[32]) } },
        ];
    }

    /// <summary>Copies of a request with one field of it, at any depth, made wrong.</summary>
    private static IEnumerable<(string Field, Frame Wrong)> Mutations(Frame request)
    {
        var places = Fields(request).Count();
        for (var place = 0; place < places; place++)
        {
            for (var choice = 0; ; choice++)
            {
                var copy = request.Clone();
                var (message, field) = Fields(copy).ElementAt(place);
                if (!TrySpoil(message, field, choice))
                    break;
                yield return ($"{field.FullName} {choice}", copy);
            }
        }
    }

    private static IEnumerable<(IMessage Message, FieldDescriptor Field)> Fields(IMessage message)
    {
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder().Where(field => field.FullName != "sotto.v1.Frame.request"))
        {
            var value = field.Accessor.GetValue(message);
            if (field.FieldType == FieldType.Message && !field.IsRepeated)
            {
                if (value is not IMessage inner)
                    continue;
                foreach (var deeper in Fields(inner))
                    yield return deeper;
            }

            // The body itself is what the frame is.
            if (message is not Frame)
                yield return (message, field);
            if (value is System.Collections.IList { Count: > 0 } list && list[0] is IMessage element)
            {
                foreach (var deeper in Fields(element))
                    yield return deeper;
            }
        }
    }

    private static bool TrySpoil(IMessage message, FieldDescriptor field, int choice)
    {
        if (field.IsRepeated)
            return TrySpoilList((System.Collections.IList)field.Accessor.GetValue(message), choice);
        object? value = field.FieldType switch
        {
            FieldType.Bytes when choice < Lengths.Length => ByteString.CopyFrom(new byte[Lengths[choice]]),
            FieldType.UInt32 when choice < 2 => choice == 0 ? 0U : uint.MaxValue,
            FieldType.UInt64 when choice < 3 => new ulong[] { 0, long.MaxValue, ulong.MaxValue }[choice],
            FieldType.Enum when choice < 3 => new[] { 0, 99, -1 }[choice],
            FieldType.Bool when choice < 1 => true,
            _ => null,
        };
        if (field.FieldType == FieldType.Message && choice == 0)
        {
            field.Accessor.Clear(message);
            return true;
        }

        if (value is null)
            return false;
        field.Accessor.SetValue(message, value);
        return true;
    }

    /// <summary>The first element again and again, or an element of another length.</summary>
    private static bool TrySpoilList(System.Collections.IList list, int choice)
    {
        if (list.Count == 0 || choice > 2)
            return false;
        if (choice == 2 && list[0] is ByteString)
            list[0] = ByteString.CopyFrom(new byte[15]);
        var count = choice == 1 ? Wire.Limits.MailboxesInCommit + 1 : 2;
        while (list.Count < count)
            list.Add(list[0]);
        return true;
    }
}
