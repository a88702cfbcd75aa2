using Sotto.Crypto.Native;

namespace Sotto.Mls.Tests.Costs;

/// <summary>A provider that counts the hashes, signature checks and encapsulations that it is asked for.</summary>
internal sealed class CountingProvider(NativeCryptoProvider inner) : PassingProvider(inner)
{
    private long _hashes;
    private long _hashedBytes;
    private long _verifications;
    private long _agreements;

    public long Hashes => Interlocked.Read(ref _hashes);

    public long HashedBytes => Interlocked.Read(ref _hashedBytes);

    public long Verifications => Interlocked.Read(ref _verifications);

    public long Agreements => Interlocked.Read(ref _agreements);

    public override void Hash(HashAlgorithm algorithm, ReadOnlySpan<byte> data, Span<byte> digest)
    {
        Interlocked.Increment(ref _hashes);
        Interlocked.Add(ref _hashedBytes, data.Length);
        base.Hash(algorithm, data, digest);
    }

    public override bool Ed25519Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        Interlocked.Increment(ref _verifications);
        return base.Ed25519Verify(publicKey, message, signature);
    }

    public override void X25519Agree(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> sharedSecret)
    {
        Interlocked.Increment(ref _agreements);
        base.X25519Agree(privateKey, publicKey, sharedSecret);
    }
}
