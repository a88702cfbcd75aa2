using System.Formats.Cbor;
using CsCheck;
using Sotto.Client.Content;

namespace Sotto.Client.Tests.Content;

public sealed class MimiContentTests
{
    private static readonly byte[] Salt = new byte[16];

    [Fact]
    public void What_is_written_is_read_again()
    {
        var content = new MimiContent
        {
            Salt = Salt,
            Replaces = new MessageId(new byte[32]),
            Topic = new byte[] { 1 },
            Expires = new Expiration(true, 60),
            InReplyTo = new MessageId([.. Enumerable.Repeat((byte)7, 32)]),
            Extensions = ContentExtensions.None.With(new ExtensionName(0, "zeta"), "last").With(new ExtensionName(-3, null), 5).With(ExtensionName.RoomUri, "sotto:r/1"),
            Body = new MultiPart(PartSemantics.ChooseOne, [new SinglePart("text/plain", "hello"u8.ToArray()), new NullPart { Disposition = Disposition.Icon }]),
        };
        var encoded = content.Encode();
        var read = MimiContent.Decode(encoded);
        Assert.Equal(encoded, read.Encode());
        Assert.Equal("sotto:r/1", read.Extensions.FindText(ExtensionName.RoomUri));
        Assert.Equal(5, read.Extensions.FindNumber(new ExtensionName(-3, null)));
        Assert.Null(read.Extensions.FindText(new ExtensionName(-3, null)));
        Assert.Equal(content.Body, read.Body);
    }

    [Fact]
    public void Extension_fields_are_written_in_deterministic_order_whatever_order_they_were_added_in()
    {
        var one = ContentExtensions.None.With(new(300, null), 1).With(new(0, "bb"), 1).With(new(-1, null), 1).With(new(2, null), 1).With(new(0, "a"), 1);
        var other = ContentExtensions.None.With(new(0, "a"), 1).With(new(2, null), 1).With(new(300, null), 1).With(new(-1, null), 1).With(new(0, "bb"), 1);
        Assert.Equal(With(one).Encode(), With(other).Encode());
    }

    [Fact]
    public void Broken_content_is_refused_for_its_reason()
    {
        var good = With(ContentExtensions.None).Encode();
        Assert.Equal(ContentError.TrailingBytes, Refusal([.. good, 0]));
        Assert.Equal(ContentError.Malformed, Refusal(good[..^1]));
        Assert.Equal(ContentError.Malformed, Refusal([]));
        Assert.Equal(ContentError.Malformed, Refusal([0x86, 0xF6, 0xF6, 0xF6, 0xF6, 0xF6, 0xF6]));
        Assert.Equal(ContentError.Malformed, Refusal(Body(writer => WritePart(writer, 4, 5))));
        Assert.Equal(ContentError.TooDeep, Refusal(Body(writer => Nest(writer, 5))));
        Assert.Equal(ContentError.TooDeep, Refusal(Extension(writer => NestArrays(writer, 4))));
        Assert.Equal(ContentError.TooLong, Refusal(Extension(writer => writer.WriteByteString(new byte[5000]))));
        Assert.Equal(ContentError.Malformed, Refusal(TwoEqualExtensions()));
    }

    [Fact]
    public void Nothing_but_the_documented_exception_leaves_the_decoder() => Gen.Byte.Array[0, 200].Sample(
        bytes =>
        {
            byte[] mutated = [.. With(ContentExtensions.None.With(ExtensionName.SenderUri, "sotto:a/1")).Encode()];
            for (var i = 0; i + 1 < bytes.Length && i < 8; i += 2)
                mutated[bytes[i] % mutated.Length] = bytes[i + 1];
            DecodeOrRefuse(mutated);
            DecodeOrRefuse(bytes);
        },
        iter: 3_000);

    private static void DecodeOrRefuse(byte[] bytes)
    {
        try
        {
            MimiContent.Decode(bytes);
        }
        catch (ContentException)
        {
        }
    }

    private static ContentError Refusal(byte[] encoded) => Assert.Throws<ContentException>(() => MimiContent.Decode(encoded)).Error;

    private static MimiContent With(ContentExtensions extensions) =>
        new() { Salt = Salt, Extensions = extensions, Body = new SinglePart("text/plain", "hello"u8.ToArray()) };

    private static byte[] Extension(Action<CborWriter> value) => Content(
        writer =>
        {
            writer.WriteStartMap(1);
            writer.WriteInt32(-1);
            value(writer);
            writer.WriteEndMap();
        },
        writer => WritePart(writer, 0, 3));

    private static byte[] TwoEqualExtensions() => Content(
        writer => writer.WriteEncodedValue([0xA2, 0x01, 0x61, 0x61, 0x01, 0x61, 0x62]),
        writer => WritePart(writer, 0, 3));

    private static byte[] Body(Action<CborWriter> body) => Content(
        writer =>
        {
            writer.WriteStartMap(0);
            writer.WriteEndMap();
        },
        body);

    private static byte[] Content(Action<CborWriter> extensions, Action<CborWriter> body)
    {
        var writer = new CborWriter(CborConformanceMode.Lax);
        writer.WriteStartArray(7);
        writer.WriteByteString(Salt);
        writer.WriteNull();
        writer.WriteByteString([]);
        writer.WriteNull();
        writer.WriteNull();
        extensions(writer);
        body(writer);
        writer.WriteEndArray();
        return writer.Encode();
    }

    private static void WritePart(CborWriter writer, uint cardinality, int length)
    {
        writer.WriteStartArray(length);
        writer.WriteUInt32(1);
        writer.WriteTextString("");
        writer.WriteUInt32(cardinality);
        for (var i = 3; i < length; i++)
            writer.WriteUInt32(0);
        writer.WriteEndArray();
    }

    private static void Nest(CborWriter writer, int levels)
    {
        if (levels == 1)
        {
            WritePart(writer, 0, 3);
            return;
        }

        writer.WriteStartArray(5);
        writer.WriteUInt32(1);
        writer.WriteTextString("");
        writer.WriteUInt32(3);
        writer.WriteUInt32(2);
        writer.WriteStartArray(2);
        Nest(writer, levels - 1);
        WritePart(writer, 0, 3);
        writer.WriteEndArray();
        writer.WriteEndArray();
    }

    private static void NestArrays(CborWriter writer, int levels)
    {
        if (levels == 0)
        {
            writer.WriteUInt32(0);
            return;
        }

        writer.WriteStartArray(1);
        NestArrays(writer, levels - 1);
        writer.WriteEndArray();
    }
}
