using System.Numerics;
using System.Security.Cryptography;

namespace Sotto.Crypto;

/// <summary>
/// Hands out zeroed slices of pinned slabs in sizes of powers of two, one free list per size. Slabs of one page are
/// kept for the life of the process; a secret of more than half a page gets a slab of its own, released with it.
/// </summary>
internal sealed class SecretPool(int slabBytes)
{
    private const int SmallestSlice = 32;

    private readonly Lock _gate = new();
    private readonly List<SecretSlab> _slabs = [];
    private readonly Stack<SecretSlice>[] _free = NewFreeLists(slabBytes / 2);
    private int _inUse;

    /// <summary>The pool behind every <see cref="Secret"/>.</summary>
    public static SecretPool Shared { get; } = new(Environment.SystemPageSize);

    /// <summary>Slices handed out and not yet returned.</summary>
    public int InUse => Volatile.Read(ref _inUse);

    /// <summary>What locks the slabs, once a provider has brought it.</summary>
    public IMemoryLock? MemoryLock { get; private set; }

    /// <summary>Locks the slabs there are and every later one.</summary>
    public void UseLock(IMemoryLock memoryLock)
    {
        lock (_gate)
        {
            MemoryLock = memoryLock;
            foreach (var slab in _slabs)
                slab.Lock(memoryLock);
        }
    }

    /// <summary>A slice of at least the length, all zero.</summary>
    public SecretSlice Rent(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Interlocked.Increment(ref _inUse);
        lock (_gate)
        {
            if (length > slabBytes / 2)
                return RentOwnSlab(length);
            var list = _free[ListIndex(length)];
            if (list.Count == 0)
                AddSlab(list, SmallestSlice << ListIndex(length));
            return list.Pop();
        }
    }

    /// <summary>Zeroes the slice and makes it free.</summary>
    public void Return(SecretSlice slice)
    {
        CryptographicOperations.ZeroMemory(slice.Bytes(slice.Capacity));
        Interlocked.Decrement(ref _inUse);
        lock (_gate)
        {
            if (slice.Home is { } home)
                home.Push(slice);
            else if (MemoryLock is { } memoryLock)
                slice.Slab.Unlock(memoryLock);
        }
    }

    private SecretSlice RentOwnSlab(int length)
    {
        var slab = NewSlab(length);
        return new SecretSlice(slab, 0, slab.Length, null);
    }

    private void AddSlab(Stack<SecretSlice> list, int sliceBytes)
    {
        var slab = NewSlab(slabBytes);
        _slabs.Add(slab);
        for (var offset = 0; offset < slabBytes; offset += sliceBytes)
            list.Push(new SecretSlice(slab, offset, sliceBytes, list));
    }

    private SecretSlab NewSlab(int bytes)
    {
        var slab = new SecretSlab(bytes);
        if (MemoryLock is { } memoryLock)
            slab.Lock(memoryLock);
        return slab;
    }

    private static int ListIndex(int length)
    {
        var rounded = BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, SmallestSlice));
        return BitOperations.Log2(rounded) - BitOperations.Log2(SmallestSlice);
    }

    private static Stack<SecretSlice>[] NewFreeLists(int largestSlice)
    {
        var lists = new Stack<SecretSlice>[ListIndex(largestSlice) + 1];
        for (var i = 0; i < lists.Length; i++)
            lists[i] = new Stack<SecretSlice>();
        return lists;
    }
}
