using System.Runtime.CompilerServices;
using Sotto.Direct;
using Sotto.Direct.Links;
using Sotto.Direct.Wire;

namespace Sotto.Fuzz.Targets;

/// <summary>
/// The frame reader against a plain splitter that has the whole stream before it. The input is <c>limit | piece | repeats |
/// stream</c>; the stream is repeated, so that a short input can fill a long frame.
/// </summary>
internal static class FrameStream
{
    private const int LongestStream = 192 * 1024;

    public static void Run(ref InputReader input)
    {
        var maxBody = (input.Byte() & 1) == 0 ? Frame.MaxHandshakeBody : ReceivingChannel.MaxToken;
        var piece = 1 + input.Byte() * 16;
        var repeats = Math.Min(1 + input.Byte(), LongestStream / Math.Max(1, input.Rest.Length));
        var stream = new byte[input.Rest.Length * repeats];
        for (var i = 0; i < repeats; i++)
            input.Rest.CopyTo(stream.AsSpan(i * input.Rest.Length));
        Compare(stream, piece, maxBody);
    }

    private static void Compare(ReadOnlySpan<byte> stream, int piece, int maxBody)
    {
        var reader = new FrameReader(maxBody);
        var splitter = new PlainSplitter(stream, maxBody);
        try
        {
            for (var pushed = 0; pushed < stream.Length;)
            {
                var space = reader.Space().Span;
                FindingException.ThrowUnless(!space.IsEmpty, "no space to read into");
                var count = Math.Min(Math.Min(piece, space.Length), stream.Length - pushed);
                stream.Slice(pushed, count).CopyTo(space);
                reader.Pushed(count);
                pushed += count;
                while (reader.TryTake(out var frame))
                    FindingException.ThrowUnless(splitter.Next(pushed, out var type, out var body) && type == (byte)frame.Type && body.SequenceEqual(frame.Body), "another frame than the splitter's");
                FindingException.ThrowUnless(!splitter.Next(pushed, out _, out _), "a whole frame was not given out");
                FindingException.ThrowUnless(BufferOf(reader).Length <= Math.Max(16 * 1024, 2 * (maxBody + Frame.HeaderLength + 1024)), "the buffer grows beyond two frames");
            }
        }
        catch (DirectException)
        {
            FindingException.ThrowUnless(splitter.IsStuck, "refused a stream that the splitter takes");
            return;
        }

        FindingException.ThrowUnless(!splitter.IsStuck, "took a stream that the splitter refuses");
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_buffer")]
    private static extern ref byte[] BufferOf(FrameReader reader);

    private ref struct PlainSplitter(ReadOnlySpan<byte> stream, int maxBody)
    {
        private readonly ReadOnlySpan<byte> _stream = stream;
        private int _at;

        /// <summary>The next length is one that no frame may have.</summary>
        public readonly bool IsStuck => _stream.Length - _at >= Frame.HeaderLength && Length is 0 || (_stream.Length - _at >= Frame.HeaderLength && Length > (ulong)maxBody + 1);

        private readonly ulong Length => ((ulong)_stream[_at] << 24) | ((ulong)_stream[_at + 1] << 16) | ((ulong)_stream[_at + 2] << 8) | _stream[_at + 3];

        /// <summary>The next frame, when it lies wholly within the bytes up to a place.</summary>
        public bool Next(int end, out byte type, out ReadOnlySpan<byte> body)
        {
            type = 0;
            body = default;
            if (end - _at < Frame.HeaderLength || IsStuck || (ulong)(end - _at) < 4 + Length)
                return false;
            type = _stream[_at + 4];
            var next = _at + 4 + (int)Length;
            body = _stream[(_at + Frame.HeaderLength)..next];
            _at = next;
            return true;
        }
    }
}
