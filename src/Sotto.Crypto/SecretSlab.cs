using System.Runtime.InteropServices;

namespace Sotto.Crypto;

/// <summary>
/// Whole pages that the garbage collector neither moves nor copies. They are managed memory, so that a span which
/// outlives its secret reads zeroes or another secret's slice at worst, never memory of somebody else.
/// </summary>
internal sealed class SecretSlab
{
    private readonly byte[] _array;
    private readonly int _start;
    private readonly int _length;

    /// <summary>Allocates at least the given number of bytes, rounded up to whole pages, all zero.</summary>
    public SecretSlab(int bytes)
    {
        var page = Environment.SystemPageSize;
        _length = checked((bytes + page - 1) / page * page);
        _array = GC.AllocateArray<byte>(checked(_length + page - 1), pinned: true);
        var address = Marshal.UnsafeAddrOfPinnedArrayElement(_array, 0);
        _start = (int)((page - (address % page)) % page);
    }

    /// <summary>Usable bytes, a multiple of the page size.</summary>
    public int Length => _length;

    /// <summary>Whether the pages are locked in memory.</summary>
    public bool IsLocked { get; private set; }

    private nint Address => Marshal.UnsafeAddrOfPinnedArrayElement(_array, _start);

    public Span<byte> Slice(int offset, int length) => _array.AsSpan(_start, _length).Slice(offset, length);

    /// <summary>Tries to lock the pages. A refusal is no error: the bytes are then as safe as any other memory.</summary>
    public void Lock(IMemoryLock memoryLock) =>
        IsLocked = IsLocked || memoryLock.TryLock(Address, (nuint)_length);

    public void Unlock(IMemoryLock memoryLock)
    {
        if (!IsLocked)
            return;
        memoryLock.Unlock(Address, (nuint)_length);
        IsLocked = false;
    }
}
