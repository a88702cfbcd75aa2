namespace Sotto.Crypto.Native;

/// <summary>Locks secret slabs through libsodium, which also asks the system to leave them out of core dumps.</summary>
internal sealed class SodiumMemoryLock : IMemoryLock
{
    public static SodiumMemoryLock Instance { get; } = new();

    public bool TryLock(nint address, nuint length) => Sodium.LockMemory(address, length) == 0;

    public void Unlock(nint address, nuint length) => _ = Sodium.UnlockMemory(address, length);
}
