using System.Security.Cryptography;

namespace Sotto.Crypto.Native;

/// <summary>A scalar as the base class library wants it, in an array of its own: pinned, and zeroed on dispose.</summary>
internal readonly struct NistPrivateKey : IDisposable
{
    /// <summary>A private key whose public half the library computes.</summary>
    public NistPrivateKey(NistCurve curve, ReadOnlySpan<byte> scalar)
        : this(curve, scalar, default(ECPoint))
    {
    }

    /// <summary>A private key with its public half known.</summary>
    public NistPrivateKey(NistCurve curve, ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> publicKey)
        : this(curve, scalar, NistPoint.Read(publicKey))
    {
    }

    private NistPrivateKey(NistCurve curve, ReadOnlySpan<byte> scalar, ECPoint publicKey)
    {
        var copy = GC.AllocateUninitializedArray<byte>(scalar.Length, pinned: true);
        scalar.CopyTo(copy);
        Parameters = new ECParameters { Curve = NistPoint.Curve(curve), D = copy, Q = publicKey };
    }

    /// <summary>What <see cref="ECDsa"/> and <see cref="ECDiffieHellman"/> are made from.</summary>
    public ECParameters Parameters { get; }

    public void Dispose() => CryptographicOperations.ZeroMemory(Parameters.D);
}
