using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sotto.Crypto.Native;

public sealed partial class NativeCryptoProvider
{
    /// <inheritdoc/>
    public override void XWingPublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        Require.Length(privateKey, Sizes.XWingPrivateKey, nameof(privateKey));
        Require.Length(publicKey, Sizes.XWingPublicKey, nameof(publicKey));

        Span<byte> copy = stackalloc byte[Sizes.XWingPrivateKey];
        _ = Sodium.XWingSeedKeyPair(publicKey, copy, privateKey);
        CryptographicOperations.ZeroMemory(copy);
    }

    /// <inheritdoc/>
    public override void XWingDerivePrivateKey(XWingDerivation form, ReadOnlySpan<byte> inputKeyMaterial, Span<byte> privateKey)
    {
        Require.Length(privateKey, Sizes.XWingPrivateKey, nameof(privateKey));
        switch (form)
        {
            case XWingDerivation.Plain:
                Shake256(inputKeyMaterial, privateKey);
                break;
            case XWingDerivation.Labeled:
                DeriveLabeled(inputKeyMaterial, privateKey);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(form));
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// libsodium itself makes the modulus check of FIPS 203 §7.2 and refuses X25519 points of low order; the published
    /// vectors show the first and a test of ours the second.
    /// </remarks>
    public override void XWingEncapsulate(ReadOnlySpan<byte> publicKey, Span<byte> ciphertext, Span<byte> sharedSecret)
    {
        Require.Length(ciphertext, Sizes.XWingCiphertext, nameof(ciphertext));
        Require.Length(sharedSecret, Sizes.XWingSharedSecret, nameof(sharedSecret));
        if (publicKey.Length != Sizes.XWingPublicKey)
            throw new CryptoException(CryptoFailure.WrongLength, "An X-Wing public key has 1216 bytes.");
        PeerKeys.RequireCanonicalX25519(publicKey[^Sizes.X25519Key..]);

        Span<byte> seed = stackalloc byte[Sodium.XWingEncapsulationSeed];
        FillRandom(seed);
        var result = Sodium.XWingEncapsulate(ciphertext, sharedSecret, publicKey, seed);
        CryptographicOperations.ZeroMemory(seed);
        if (result != 0)
            throw Refused(CryptoFailure.UnusablePublicKey, "The X-Wing public key fails its key check.", ciphertext, sharedSecret);
    }

    /// <inheritdoc/>
    public override void XWingDecapsulate(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret)
    {
        Require.Length(privateKey, Sizes.XWingPrivateKey, nameof(privateKey));
        Require.Length(sharedSecret, Sizes.XWingSharedSecret, nameof(sharedSecret));
        if (ciphertext.Length != Sizes.XWingCiphertext)
            throw new CryptoException(CryptoFailure.WrongLength, "An X-Wing ciphertext has 1120 bytes.");
        PeerKeys.RequireCanonicalX25519(ciphertext[^Sizes.X25519Key..]);

        if (Sodium.XWingDecapsulate(sharedSecret, ciphertext, privateKey) != 0)
            throw Refused(CryptoFailure.ZeroSharedSecret, "The X25519 part of the X-Wing ciphertext is of low order.", [], sharedSecret);
    }

    /// <summary>
    /// SHAKE256.LabeledDerive of draft-ietf-hpke-pq §4: the material, then version, suite, label with its length, and
    /// the output length, all in one hash.
    /// </summary>
    private static void DeriveLabeled(ReadOnlySpan<byte> inputKeyMaterial, Span<byte> privateKey)
    {
        const ushort kemId = 0x647A;
        var suffix = (Span<byte>)stackalloc byte[7 + 5 + 2 + 13 + 2];
        "HPKE-v1"u8.CopyTo(suffix);
        "KEM"u8.CopyTo(suffix[7..]);
        BinaryPrimitives.WriteUInt16BigEndian(suffix[10..], kemId);
        BinaryPrimitives.WriteUInt16BigEndian(suffix[12..], 13);
        "DeriveKeyPair"u8.CopyTo(suffix[14..]);
        BinaryPrimitives.WriteUInt16BigEndian(suffix[27..], Sizes.XWingPrivateKey);

        var input = new byte[inputKeyMaterial.Length + suffix.Length];
        inputKeyMaterial.CopyTo(input);
        suffix.CopyTo(input.AsSpan(inputKeyMaterial.Length));
        Shake256(input, privateKey);
        CryptographicOperations.ZeroMemory(input);
    }

    private static void Shake256(ReadOnlySpan<byte> input, Span<byte> output) =>
        _ = Sodium.Shake256(output, (nuint)output.Length, input, (ulong)input.Length);

    private static CryptoException Refused(CryptoFailure failure, string message, Span<byte> ciphertext, Span<byte> sharedSecret)
    {
        CryptographicOperations.ZeroMemory(ciphertext);
        CryptographicOperations.ZeroMemory(sharedSecret);
        return new CryptoException(failure, message);
    }
}
