using Sotto.Wire;

namespace Sotto.Relay.Tests.Running;

/// <summary>An Ed25519 key of a test.</summary>
public sealed class SigningKey
{
    private readonly byte[] _seed = Bytes.Random(32);

    public SigningKey()
    {
        var key = new byte[32];
        TestRelay.Crypto.Ed25519PublicKey(_seed, key);
        Public = new(key);
    }

    public Bytes32 Public { get; }

    public byte[] Sign(ReadOnlySpan<byte> toSign)
    {
        var signature = new byte[64];
        TestRelay.Crypto.Ed25519Sign(_seed, toSign, signature);
        return signature;
    }
}
