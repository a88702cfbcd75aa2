using Google.Protobuf;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Tests.Attacks;

/// <summary>Fields that the schema does not have must not carry bytes past the limits of those it has.</summary>
public sealed class UnknownFieldTests
{
    [Fact]
    public async Task Bytes_in_fields_that_the_relay_does_not_know_are_neither_stored_nor_delivered()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        await using var stream = await relay.ConnectAsync();
        var channel = await TestChannel.CreateAsync(stream, ann);
        var post = channel.Message([1]);
        post.Post.Payload = ByteString.Empty;
        post.Post.Blob = BlobReference.Parser.ParseFrom(
            [.. new BlobReference { Blob = Bytes.Wire(Bytes.Random(16)), Length = 1, Hash = Bytes.Wire(Bytes.Random(32)) }.ToByteArray(), .. Unknown(500_000)]);
        await stream.AskAsync(post);
        var commit = channel.Commit(Bytes.Random(32), new TestMailbox());
        commit.Post.Commit.Added[0].MergeFrom(Unknown(300_000));
        await stream.AskAsync(commit);

        var reads = (await stream.AskAsync(channel.Subscribe(channel.Own))).Subscribed;
        for (var i = 0; i < 2; i++)
            Assert.InRange((await stream.EntryAsync(reads.Subscription)).CalculateSize(), 1, 1_000);
    }

    /// <summary>Field 1000, bytes of zeros.</summary>
    private static byte[] Unknown(int length)
    {
        using var memory = new MemoryStream();
        using (var output = new CodedOutputStream(memory, leaveOpen: true))
        {
            output.WriteTag(1000, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(new byte[length]));
        }

        return memory.ToArray();
    }
}
