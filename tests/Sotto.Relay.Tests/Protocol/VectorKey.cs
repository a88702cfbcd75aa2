using System.Text;
using Sotto.Relay.Tests.Running;
using Sotto.Wire;
using Sotto.Wire.Records;

namespace Sotto.Relay.Tests.Protocol;

/// <summary>A key of the vectors: its seed is H of a name, so that the files are the same each time.</summary>
internal sealed class VectorKey
{
    public VectorKey(string name)
    {
        Seed = Value(name);
        var key = new byte[Bytes32.Length];
        TestRelay.Crypto.Ed25519PublicKey(Seed, key);
        Public = new(key);
    }

    public byte[] Seed { get; }

    public Bytes32 Public { get; }

    /// <summary>32 bytes that stand for something random.</summary>
    public static byte[] Value(string name) => Bytes.Hash(Encoding.ASCII.GetBytes("Sotto vector " + name));

    public byte[] Sign(ReadOnlySpan<byte> label, byte[] content) => SignBytes(SignContent.Encode(label, content));

    public byte[] SignBytes(byte[] toSign)
    {
        var signature = new byte[SignedRecord.SignatureLength];
        TestRelay.Crypto.Ed25519Sign(Seed, toSign, signature);
        return signature;
    }
}
