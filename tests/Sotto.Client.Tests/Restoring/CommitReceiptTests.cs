using System.Buffers.Binary;
using Google.Protobuf;
using Sotto.Client.Accounts;
using Sotto.Client.Receiving;
using Sotto.Client.Tests.Running;
using Sotto.Wire;
using Sotto.Wire.Records;
using Sotto.Wire.Stream;

namespace Sotto.Client.Tests.Restoring;

public sealed class CommitReceiptTests : IAsyncLifetime
{
    private static readonly TestDevice Relay = TestDevice.Create("Relay");
    private readonly Bytes16 _channel = Fresh.Sixteen(TestPerson.Crypto);
    private TestPerson _ann = null!;

    public async ValueTask InitializeAsync() => _ann = await TestPerson.StartAsync("Ann");

    public ValueTask DisposeAsync() => _ann.DisposeAsync();

    [Fact]
    public void A_receipt_of_the_relay_for_this_commit_holds() => Assert.True(Holds(_ => { }));

    [Fact]
    public void None_is_no_receipt() => Assert.False(Holds(entry => entry.Commit.Receipt = null));

    [Fact]
    public void One_for_another_payload_does_not_hold() => Assert.False(Holds(entry => entry.Payload = ByteString.CopyFromUtf8("another commit")));

    [Fact]
    public void One_for_another_capability_does_not_hold() =>
        Assert.False(Holds(entry => entry.Commit.NextWriteCapabilityHash = Fresh.ThirtyTwo(TestPerson.Crypto).ToWire()));

    [Fact]
    public void One_for_another_number_does_not_hold() => Assert.False(Holds(entry => (entry.Number, entry.Commit.Receipt.Number) = (8, 8)));

    [Fact]
    public void One_of_another_incarnation_than_it_says_does_not_hold() =>
        Assert.False(Holds(entry => entry.Commit.Receipt.Incarnation = ByteString.CopyFrom(new byte[8])));

    [Fact]
    public void One_of_a_wrong_length_does_not_hold() => Assert.False(Holds(entry => entry.Commit.Receipt.Signature = ByteString.CopyFrom(new byte[63])));

    [Fact]
    public void One_for_another_channel_does_not_hold() =>
        Assert.False(new CommitReceipts(_ann.Client.State).Holds(RecordSigning.PublicKeyOf(Relay.Key), Fresh.Sixteen(TestPerson.Crypto), Signed()));

    [Fact]
    public void One_of_another_relay_does_not_hold() =>
        Assert.False(new CommitReceipts(_ann.Client.State).Holds(RecordSigning.PublicKeyOf(TestDevice.Create("Eve").Key), _channel, Signed()));

    private bool Holds(Action<Entry> change)
    {
        var entry = Signed();
        change(entry);
        return new CommitReceipts(_ann.Client.State).Holds(RecordSigning.PublicKeyOf(Relay.Key), _channel, entry);
    }

    private Entry Signed()
    {
        const ulong incarnation = 0x0102030405060708;
        var payload = ByteString.CopyFromUtf8("a commit");
        var next = Fresh.ThirtyTwo(TestPerson.Crypto);
        var receipt = new CommitReceipt
        {
            Incarnation = ByteString.CopyFrom(BinaryBytes(incarnation)),
            Number = 7,
            Signature = ByteString.CopyFrom(Relay.Key.Sign(new CommitReceiptContent(_channel, incarnation, 7, Bytes32.HashOf(payload.Span), next).ToSign())),
        };
        return new() { Number = 7, Payload = payload, Commit = new() { NextWriteCapabilityHash = next.ToWire(), Receipt = receipt } };
    }

    private static byte[] BinaryBytes(ulong number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        return bytes;
    }
}
