namespace Sotto.Crypto;

/// <summary>Keeps pages out of the swap file and out of core dumps, where a provider knows how.</summary>
internal interface IMemoryLock
{
    /// <summary>Locks whole pages. False when the system refuses, which is usual under a small memory-lock limit.</summary>
    bool TryLock(nint address, nuint length);

    /// <summary>Releases what <see cref="TryLock"/> locked; may zero it first.</summary>
    void Unlock(nint address, nuint length);
}
