using Sotto.Crypto.Native;

namespace Sotto.Crypto.Tests.Secrets;

public sealed class SecretPoolTests
{
    private readonly SecretPool _pool = new(4096);

    [Fact]
    public void Secrets_alive_together_never_share_a_byte()
    {
        var secrets = new List<Secret>();
        for (var i = 0; i < 1000; i++)
        {
            secrets.Add(Secret.Create(_pool, 1 + (i % 300), out var bytes));
            bytes.Fill((byte)i);
        }

        for (var i = 0; i < secrets.Count; i++)
            Assert.Equal(-1, secrets[i].Bytes.IndexOfAnyExcept((byte)i));

        secrets.ForEach(secret => secret.Dispose());
        Assert.Equal(0, _pool.InUse);
    }

    [Fact]
    public void Slices_are_used_again_before_another_slab_is_taken()
    {
        var memoryLock = new RecordingLock();
        _pool.UseLock(memoryLock);
        for (var i = 0; i < 10_000; i++)
            Secret.Create(_pool, 32, out _).Dispose();

        Assert.Single(memoryLock.Locked);
    }

    [Fact]
    public void A_slab_is_locked_as_whole_pages()
    {
        var memoryLock = new RecordingLock();
        _pool.UseLock(memoryLock);
        using var secret = Secret.Create(_pool, 32, out _);

        var (address, length) = Assert.Single(memoryLock.Locked);
        Assert.Equal(0, address % Environment.SystemPageSize);
        Assert.Equal(0, (nint)length % Environment.SystemPageSize);
    }

    [Fact]
    public void Slabs_that_are_older_than_the_lock_are_locked_by_it()
    {
        using var before = Secret.Create(_pool, 32, out _);
        var memoryLock = new RecordingLock();
        _pool.UseLock(memoryLock);
        _pool.UseLock(memoryLock);

        Assert.Single(memoryLock.Locked);
    }

    [Fact]
    public void A_large_secret_has_pages_of_its_own_that_are_released_with_it()
    {
        var memoryLock = new RecordingLock();
        _pool.UseLock(memoryLock);
        var secret = Secret.Create(_pool, 10_000, out _);
        var taken = Assert.Single(memoryLock.Locked);
        Assert.True(taken.Length >= 10_000);

        secret.Dispose();
        Assert.Empty(memoryLock.Locked);
    }

    [Fact]
    public void A_refused_lock_is_tolerated()
    {
        _pool.UseLock(new RecordingLock { Refuses = true });
        using var secret = Secret.Create(_pool, 32, out var bytes);
        bytes.Fill(3);
        Secret.Create(_pool, 10_000, out _).Dispose();

        Assert.Equal(Enumerable.Repeat((byte)3, 32), secret.Bytes.ToArray());
    }

    [Fact]
    public void Many_threads_get_clean_places_of_their_own()
    {
        Parallel.For(0, 8, thread =>
        {
            for (var i = 0; i < 5_000; i++)
            {
                using var secret = Secret.Create(_pool, 1 + (i % 200), out var bytes);
                Assert.Equal(-1, bytes.IndexOfAnyExcept((byte)0));
                bytes.Fill((byte)(thread + 1));
                Assert.Equal(-1, secret.Bytes.IndexOfAnyExcept((byte)(thread + 1)));
            }
        });

        Assert.Equal(0, _pool.InUse);
    }

    [Fact]
    public void The_native_provider_locks_the_pool_behind_every_secret()
    {
        Providers.Native.FillRandom(new byte[1]);

        Assert.Same(SodiumMemoryLock.Instance, SecretPool.Shared.MemoryLock);
    }

    /// <summary>Needs one page of the memory-lock limit, which every system in use grants.</summary>
    [Fact]
    public void Libsodium_locks_a_slab_and_zeroes_it_when_it_unlocks()
    {
        var slab = new SecretSlab(100);
        slab.Lock(SodiumMemoryLock.Instance);
        Assert.True(slab.IsLocked);

        slab.Slice(0, 100).Fill(0xAA);
        slab.Unlock(SodiumMemoryLock.Instance);
        Assert.False(slab.IsLocked);
        Assert.Equal(-1, slab.Slice(0, 100).IndexOfAnyExcept((byte)0));
    }

    private sealed class RecordingLock : IMemoryLock
    {
        public List<(nint Address, nuint Length)> Locked { get; } = [];

        public bool Refuses { get; init; }

        public bool TryLock(nint address, nuint length)
        {
            if (Refuses)
                return false;
            Locked.Add((address, length));
            return true;
        }

        public void Unlock(nint address, nuint length) => Assert.True(Locked.Remove((address, length)));
    }
}
