using Sotto.Client.Accounts;
using Sotto.Client.Conversations;
using Sotto.Crypto;
using Sotto.Mls;
using Sotto.Mls.Framing;
using Sotto.Mls.KeyPackages;
using Sotto.Wire;
using Sotto.Wire.Records;

namespace Sotto.Client.Repairing;

/// <summary>
/// What a device that cannot follow its group asks a member for, sealed into the member's contact lane: a signed record, label
/// <c>Sotto 1 repair</c>, of <c>uint8 format = 1; opaque conversation_id[16]; opaque group_id&lt;V&gt;; uint64 last_epoch; opaque
/// key_package&lt;V&gt;; uint64 number</c> and the reach as in a leaf. The KeyPackage is an MLSMessage and carries group and
/// number again in <c>sotto_repair</c>.
/// </summary>
internal sealed record RepairRequest(Bytes16 Conversation, ReadOnlyMemory<byte> Group, ulong LastEpoch, ReadOnlyMemory<byte> Package, ulong Number, LeafReach Reach)
{
    /// <summary>The kind of an intro content that is one.</summary>
    public const byte IntroKind = 2;

    private const byte Format = 1;

    private static ReadOnlySpan<byte> Label => "Sotto 1 repair"u8;

    public byte[] Sign(SigningKey device) => RecordSigning.Sign(device, Label, Encode()).Encode();

    /// <summary>Reads one and checks that the device of its KeyPackage signed it; null when anything does not hold.</summary>
    public static (RepairRequest Request, KeyPackage Package)? Verify(ICryptoProvider crypto, ReadOnlySpan<byte> bytes)
    {
        try
        {
            var signed = SignedRecord.Decode(bytes.ToArray());
            if (Decode(signed.Body.Span) is not { } request || MlsMessage.Decode(request.Package.Span).KeyPackage is not { } package)
                return null;
            var key = package.LeafNode.SignatureKey;
            var holds = key.Length == Bytes32.Length && RecordSigning.Verifies(crypto, new(key.Span), Label, signed)
                && RepairMark.From(package.LeafNode) is { } mark && mark.Number == request.Number && mark.Group.Span.SequenceEqual(request.Group.Span);
            return holds ? (request, package) : null;
        }
        catch (Exception malformed) when (malformed is RecordException or MlsException)
        {
            return null;
        }
    }

    private byte[] Encode() => Reach.Write(new TlsWriter().Byte(Format).Sixteen(Conversation).Vector(Group.Span).Number64(LastEpoch)
        .Vector(Package.Span).Number64(Number)).ToArray();

    private static RepairRequest? Decode(ReadOnlySpan<byte> body)
    {
        var reader = new TlsReader(body);
        var known = reader.Byte() == Format;
        var conversation = reader.Sixteen();
        var group = reader.Vector().ToArray();
        var epoch = reader.Number64();
        var package = reader.Vector().ToArray();
        var number = reader.Number64();
        return LeafReach.Read(ref reader) is { } reach && known && reader.AtEnd ? new(conversation, group, epoch, package, number, reach) : null;
    }
}
