using System.Buffers.Binary;
using Sotto.Direct.Links;

namespace Sotto.Fuzz.Targets;

internal static class FrameSeeds
{
    public static IEnumerable<(string Name, byte[] Input)> All()
    {
        yield return ("empty", []);
        yield return ("stream-one", [0, 0, 255, 0, 0, 0, 0, 2, 1, 7]);
        yield return ("stream-byte-by-byte", [0, 0, 0, 3, 0, 0, 0, 2, 16, 7]);
        yield return ("stream-three", [0, 0, 1, 0, 0, 0, 0, 1, 4, 0, 0, 0, 3, 5, 1, 2, 0, 0, 0, 1, 127]);
        foreach (var length in new uint[] { 0, 1, 4096, 4097, 4098, 16 * 1024, 87_000, (1 << 14) - 1, 1 << 30, uint.MaxValue })
        {
            var header = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(header, length);
            yield return ($"stream-length-{length}", [0, 1, 255, 255, .. header, 16, .. new byte[500]]);
            yield return ($"stream-length-{length}-short", [0, 0, 3, 30, .. header, 16, .. new byte[300]]);
        }

        foreach (var role in new[] { FrameTarget.Kind.HostReceives, FrameTarget.Kind.JoinerReceives })
        {
            foreach (var (name, messages) in Conversations())
                yield return ($"{(role == FrameTarget.Kind.HostReceives ? "host" : "joiner")}-{name}", [(byte)role, 7, .. messages]);
        }
    }

    private static IEnumerable<(string Name, byte[] Messages)> Conversations()
    {
        byte[] line = [.. Say(MessageType.Line, [.. Number(1), 0, .. "hello"u8]), .. Say(MessageType.Line, [.. Number(2), 2, .. "end"u8])];
        yield return ("lines", line);
        yield return ("lines-repeated", [.. line, .. line]);
        yield return ("line-zero", Say(MessageType.Line, [.. Number(0), 0]));
        yield return ("line-far", Say(MessageType.Line, [.. Number(ulong.MaxValue), 0]));
        yield return ("line-long", Say(MessageType.Line, [.. Number(1), 0, .. new byte[3000]]));
        yield return ("acks", [.. Say(MessageType.Ack, Number(1)), .. Say(MessageType.Ack, Number(3))]);
        yield return ("ack-far", Say(MessageType.Ack, Number(ulong.MaxValue)));
        yield return ("ack-back", [.. Say(MessageType.Ack, Number(2)), .. Say(MessageType.Ack, Number(1))]);
        yield return ("ping", [.. Say(MessageType.Ping, []), .. Say(MessageType.Ping, [1])]);
        yield return ("end", [.. line, .. Say(MessageType.End, Number(2)), .. Say(MessageType.Bye, [])]);
        yield return ("end-then-line", [.. Say(MessageType.End, Number(0)), .. line]);
        yield return ("refused", [.. Say(MessageType.Refused, [1]), .. Say(MessageType.Refused, [6])]);
        yield return ("resume-alone", Say((MessageType)SealedMessages.TrueResume, [0]));
        yield return ("exchange", [.. Say((MessageType)SealedMessages.TrueExchange, []), .. Say((MessageType)SealedMessages.TrueResume, [1]), .. line]);
        yield return ("exchange-and-switch", [.. Say((MessageType)SealedMessages.TrueExchange, []), .. Say(MessageType.ExchangeSwitch, []), .. line]);
        yield return ("exchange-offer", Say(MessageType.ExchangeOffer, [1, 0, 2, 9, 9, .. new byte[64]]));
        yield return ("exchange-answer", Say(MessageType.ExchangeAnswer, [0, 2, 9, 9, .. new byte[64]]));
        yield return ("file", [.. File(MessageType.FileOffer, [.. Number(9), .. "../a\0\u202Eb"u8]), .. File(MessageType.FileChunk, [.. Number(0), 1, 2]), .. File(MessageType.FileCancel, [])]);
        yield return ("file-others", [.. File(MessageType.FileAccept, Number(0)), .. File(MessageType.FileDecline, []), .. File(MessageType.FileReceived, [])]);
        yield return ("file-size", File(MessageType.FileOffer, [.. Number(ulong.MaxValue), .. "CON"u8]));
        yield return ("files", [.. Enumerable.Range(1, 12).SelectMany(i => Say(MessageType.FileOffer, [0, 0, 0, (byte)i, .. Number(0), 0xFF]))]);
        yield return ("unknown", Say((MessageType)200, [1, 2, 3]));
    }

    private static byte[] File(MessageType type, byte[] rest) => Say(type, [0, 0, 0, 1, .. rest]);

    private static byte[] Say(MessageType type, byte[] body) => [(byte)type, (byte)(body.Length >> 8), (byte)body.Length, .. body];

    private static byte[] Number(ulong number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        return bytes;
    }
}
