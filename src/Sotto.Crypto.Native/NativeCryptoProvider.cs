namespace Sotto.Crypto.Native;

/// <summary>
/// The provider for servers and desktops: libsodium, the base class library, and BouncyCastle for the 448-bit curves. One instance serves all threads; it
/// holds nothing that needs disposing.
/// </summary>
/// <remarks>
/// The given random source feeds <see cref="ICryptoProvider.FillRandom"/> and X-Wing encapsulation, which makes both
/// repeatable in tests. RSA and ECDSA take their randomness from the operating system, because the base class library
/// offers no other way.
/// </remarks>
public sealed partial class NativeCryptoProvider : BclCryptoProvider
{
    /// <summary>A provider on the operating system's random generator.</summary>
    /// <exception cref="DllNotFoundException">libsodium is not beside the program.</exception>
    /// <exception cref="PlatformNotSupportedException">libsodium has another version or cannot start.</exception>
    public NativeCryptoProvider()
        : this(SystemRandom)
    {
    }

    /// <summary>A provider on another random source, for tests.</summary>
    /// <param name="random">Called from any thread.</param>
    /// <exception cref="DllNotFoundException">libsodium is not beside the program.</exception>
    /// <exception cref="PlatformNotSupportedException">libsodium has another version or cannot start.</exception>
    public NativeCryptoProvider(RandomSource random)
        : base(random)
    {
        ArgumentNullException.ThrowIfNull(random);
        Sodium.Initialise();
        SecretPool.Shared.UseLock(SodiumMemoryLock.Instance);
    }

    /// <inheritdoc/>
    public override void Argon2id(ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> salt, Argon2Cost cost, Span<byte> output)
    {
        Require.Length(salt, Sodium.Argon2idSalt, nameof(salt));
        Require.AtLeast(output, 16, nameof(output));
        ArgumentOutOfRangeException.ThrowIfLessThan(cost.Passes, 1, nameof(cost));
        ArgumentOutOfRangeException.ThrowIfLessThan(cost.MemoryKiB, 8, nameof(cost));

        var memory = (nuint)cost.MemoryKiB * 1024;
        var result = Sodium.Argon2id(
            output, (ulong)output.Length, passphrase, (ulong)passphrase.Length,
            salt, (ulong)cost.Passes, memory, Sodium.Argon2id13);
        if (result != 0)
            throw new InsufficientMemoryException("Argon2id could not get the memory it was asked to use.");
    }
}
