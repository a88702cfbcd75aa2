using System.Diagnostics;

namespace Sotto.Crypto;

/// <summary>X-Wing as a mechanism of HPKE (draft-connolly-cfrg-xwing-kem §5).</summary>
internal sealed class XWingKem(ICryptoProvider provider, XWingDerivation derivation) : HpkeKem
{
    private readonly X25519Group _x25519 = new(provider);

    public override int PublicKeyLength => Sizes.XWingPublicKey;

    public override int PrivateKeyLength => Sizes.XWingPrivateKey;

    public override int EncapsulationLength => Sizes.XWingCiphertext;

    public override int SharedSecretLength => Sizes.XWingSharedSecret;

    public override void DerivePrivateKey(ReadOnlySpan<byte> inputKeyMaterial, Span<byte> privateKey) =>
        provider.XWingDerivePrivateKey(derivation, inputKeyMaterial, privateKey);

    public override void GeneratePrivateKey(Span<byte> privateKey) => provider.FillRandom(privateKey);

    public override void PublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey) =>
        provider.XWingPublicKey(privateKey, publicKey);

    public override void RequirePublicKey(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != Sizes.XWingPublicKey)
            throw new CryptoException(CryptoFailure.WrongLength, "An X-Wing public key has 1216 bytes.");
        if (!CoefficientsAreReduced(publicKey[..MlKemCoefficientBytes]))
            throw new CryptoException(CryptoFailure.UnusablePublicKey, "The ML-KEM part of the X-Wing public key is not reduced.");
        _x25519.RequirePublicKey(publicKey[^Sizes.X25519Key..]);
    }

    public override void Encapsulate(ReadOnlySpan<byte> publicKey, Span<byte> encapsulation, Span<byte> sharedSecret) =>
        provider.XWingEncapsulate(publicKey, encapsulation, sharedSecret);

    public override void Decapsulate(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> encapsulation, Span<byte> sharedSecret) =>
        provider.XWingDecapsulate(privateKey, encapsulation, sharedSecret);

    // 768 coefficients of 12 bits, little-endian, two to three bytes (FIPS 203 §4.2.1); the rest of the key is a seed.
    private const int MlKemCoefficientBytes = 1152;
    private const int MlKemModulus = 3329;

    /// <summary>The modulus check of FIPS 203 §7.2.</summary>
    private static bool CoefficientsAreReduced(ReadOnlySpan<byte> encoded)
    {
        Debug.Assert(encoded.Length % 3 == 0);
        for (var i = 0; i < encoded.Length; i += 3)
        {
            var first = encoded[i] | ((encoded[i + 1] & 0x0F) << 8);
            var second = (encoded[i + 1] >> 4) | (encoded[i + 2] << 4);
            if (first >= MlKemModulus || second >= MlKemModulus)
                return false;
        }
        return true;
    }
}
