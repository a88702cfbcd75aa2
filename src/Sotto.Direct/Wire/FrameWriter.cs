using System.Buffers.Binary;

namespace Sotto.Direct.Wire;

/// <summary>Collects frames into one buffer, so that many short messages leave in one write.</summary>
internal sealed class FrameWriter
{
    private byte[] _buffer = new byte[16 * 1024];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Adds a frame and returns the span of its body, for the caller to fill.</summary>
    public Span<byte> Add(FrameType type, int bodyLength)
    {
        var total = Frame.HeaderLength + bodyLength;
        if (_buffer.Length - Length < total)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + total));
        var frame = _buffer.AsSpan(Length, total);
        BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)bodyLength + 1);
        frame[4] = (byte)type;
        Length += total;
        return frame[Frame.HeaderLength..];
    }

    public void Add(FrameType type, ReadOnlySpan<byte> body) => body.CopyTo(Add(type, body.Length));
}
