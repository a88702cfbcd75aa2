using System.Buffers.Binary;

namespace Sotto.Direct.Wire;

/// <summary>
/// Cuts a byte stream into frames. Pure: bytes are pushed in, frames are taken out, at most one frame is buffered beyond
/// what was pushed, and a length over the limit is refused before anything is allocated for it.
/// </summary>
internal sealed class FrameReader(int maxBody)
{
    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>The longest body taken from now on.</summary>
    public int MaxBody { get; set; } = maxBody;

    /// <summary>Where the next bytes from the network go; always at least 1 KiB, or what the current frame still needs.</summary>
    public Memory<byte> Space()
    {
        MakeRoom();
        return _buffer.AsMemory(_end);
    }

    /// <summary>Says how many bytes were put into <see cref="Space"/>.</summary>
    public void Pushed(int count) => _end += count;

    /// <summary>Takes the next whole frame, if there is one.</summary>
    /// <exception cref="DirectException">The length is zero or over the limit.</exception>
    public bool TryTake(out Frame frame)
    {
        frame = default;
        var pending = _buffer.AsSpan(_start, _end - _start);
        if (pending.Length < Frame.HeaderLength)
            return false;
        var length = CheckedLength(pending);
        if (pending.Length < 4 + length)
            return false;
        frame = new Frame((FrameType)pending[4], pending[Frame.HeaderLength..(4 + length)]);
        _start += 4 + length;
        return true;
    }

    private int CheckedLength(ReadOnlySpan<byte> pending)
    {
        var length = BinaryPrimitives.ReadUInt32BigEndian(pending);
        if (length == 0 || length > (uint)MaxBody + 1)
            throw DirectException.Malformed("a frame of a length");
        return (int)length;
    }

    private void MakeRoom()
    {
        if (_start == _end)
            _start = _end = 0;
        var needed = NeededForCurrentFrame();
        if (_buffer.Length - _start < needed || _end == _buffer.Length)
        {
            var pending = _end - _start;
            var target = _buffer.Length >= Math.Max(needed, pending + 1024) ? _buffer : new byte[Math.Max(needed, _buffer.Length * 2)];
            _buffer.AsSpan(_start, pending).CopyTo(target);
            (_buffer, _start, _end) = (target, 0, pending);
        }
    }

    private int NeededForCurrentFrame()
    {
        var pending = _buffer.AsSpan(_start, _end - _start);
        return pending.Length < Frame.HeaderLength ? Frame.HeaderLength : 4 + CheckedLength(pending);
    }
}
