using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sotto.Mls.Presentation;

/// <summary>
/// Writes structures of the TLS presentation language as RFC 9420 §2.1 uses it, into memory that grows. Content that
/// is secret is wiped by <see cref="Clear"/>; whoever writes secrets gives a capacity that is never outgrown, or accepts
/// that outgrown buffers are wiped as well, which they are.
/// </summary>
internal sealed class TlsWriter : IDisposable
{
    private readonly bool _rented;
    private byte[] _buffer;

    public TlsWriter(int capacity = 256)
        : this(new byte[Math.Max(capacity, 16)], rented: false)
    {
    }

    private TlsWriter(byte[] buffer, bool rented)
    {
        _buffer = buffer;
        _rented = rented;
    }

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    public byte[] ToArray() => Written.ToArray();

    /// <summary>What was written, without a copy. Nothing more is written after that.</summary>
    public ReadOnlyMemory<byte> Finish() => _buffer.AsMemory(0, Length);

    /// <summary>A writer on a rented buffer, for what is only hashed or signed. Disposing it wipes the buffer and gives it back.</summary>
    public static TlsWriter Rent(int capacity) => new(ArrayPool<byte>.Shared.Rent(Math.Max(capacity, 16)), rented: true);

    /// <summary>Encodes one structure into a new array.</summary>
    public static byte[] Encode(Action<TlsWriter> write, int capacity = 256)
    {
        var writer = new TlsWriter(capacity);
        write(writer);
        return writer.ToArray();
    }

    public void WriteByte(byte value) => Grow(1)[0] = value;

    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Grow(2), value);

    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Grow(4), value);

    public void WriteUInt64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Grow(8), value);

    /// <summary>Bytes whose length is known from the context.</summary>
    public void WriteFixed(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Grow(bytes.Length));

    public void WriteZeros(int count) => Grow(count).Clear();

    /// <summary><c>opaque bytes&lt;V&gt;</c>.</summary>
    public void WriteVector(ReadOnlySpan<byte> bytes)
    {
        WriteLength(bytes.Length);
        WriteFixed(bytes);
    }

    public void WriteVector(ReadOnlyMemory<byte> bytes) => WriteVector(bytes.Span);

    /// <summary>The presence byte of <c>optional&lt;T&gt;</c>; the value follows when there is one.</summary>
    public bool WriteOptional(bool present)
    {
        WriteByte(present ? (byte)1 : (byte)0);
        return present;
    }

    /// <summary>
    /// Begins a vector whose length is not known yet. The result goes to <see cref="EndVector"/>. With a good guess of the
    /// length the content is written where it stays.
    /// </summary>
    public VectorStart BeginVector(int expectedLength = 0)
    {
        var size = LengthSize(expectedLength);
        Grow(size);
        return new VectorStart(Length, size);
    }

    /// <summary>Ends a vector: puts its length before its content, which moves when the length takes more or fewer bytes than expected.</summary>
    public void EndVector(VectorStart start)
    {
        var length = Length - start.Position;
        var size = LengthSize(length);
        var moved = size - start.LengthSize;
        if (moved > 0)
            Grow(moved);
        if (moved != 0)
            _buffer.AsSpan(start.Position, length).CopyTo(_buffer.AsSpan(start.Position + moved));
        if (moved < 0)
            Length += moved;
        PutLength(_buffer.AsSpan(start.Position - start.LengthSize, size), length);
    }

    /// <summary>A vector of structures.</summary>
    public void WriteList<T>(IEnumerable<T> items, Action<TlsWriter, T> write)
    {
        var start = BeginVector();
        foreach (var item in items)
            write(this, item);
        EndVector(start);
    }

    /// <summary>Wipes what was written.</summary>
    public void Clear()
    {
        CryptographicOperations.ZeroMemory(_buffer.AsSpan(0, Length));
        Length = 0;
    }

    /// <summary>Wipes what was written and gives a rented buffer back.</summary>
    public void Dispose()
    {
        Clear();
        var buffer = _buffer;
        _buffer = [];
        if (_rented && buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>How many bytes the length of a vector takes (§2.1.2).</summary>
    public static int LengthSize(int length) => length switch
    {
        < 1 << 6 => 1,
        < 1 << 14 => 2,
        < 1 << 30 => 4,
        _ => throw new ArgumentOutOfRangeException(nameof(length), "A vector holds at most 2^30 - 1 bytes."),
    };

    /// <summary>Writes the length of a vector into exactly <see cref="LengthSize"/> bytes.</summary>
    public static void PutLength(Span<byte> destination, int length)
    {
        switch (destination.Length)
        {
            case 1:
                destination[0] = (byte)length;
                break;
            case 2:
                BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)(0x4000 | length));
                break;
            default:
                BinaryPrimitives.WriteUInt32BigEndian(destination, 0x8000_0000 | (uint)length);
                break;
        }
    }

    private void WriteLength(int length)
    {
        var size = LengthSize(length);
        PutLength(Grow(size), length);
    }

    private Span<byte> Grow(int more)
    {
        if (more > _buffer.Length - Length)
            Enlarge(checked(Length + more));
        var grown = _buffer.AsSpan(Length, more);
        Length += more;
        return grown;
    }

    private void Enlarge(int needed)
    {
        var size = Math.Max(needed, checked(_buffer.Length * 2));
        var larger = _rented ? ArrayPool<byte>.Shared.Rent(size) : new byte[size];
        Written.CopyTo(larger);
        CryptographicOperations.ZeroMemory(_buffer.AsSpan(0, Length));
        if (_rented)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}

/// <summary>Where a vector's content begins, and how many bytes were kept before it for its length.</summary>
internal readonly record struct VectorStart(int Position, int LengthSize);
