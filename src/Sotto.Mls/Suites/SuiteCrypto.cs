using System.Security.Cryptography;

namespace Sotto.Mls.Suites;

/// <summary>
/// The functions of RFC 9420 §5.1, §5.2 and §8 under one suite and provider: labelled signatures, encryption and
/// derivations. Labels are given without the prefix "MLS 1.0 ". One instance serves all threads.
/// </summary>
internal sealed class SuiteCrypto(ICryptoProvider provider, CipherSuite suite)
{
    public ICryptoProvider Provider { get; } = provider;

    public CipherSuite Suite { get; } = suite;

    public Hpke Hpke { get; } = new(provider, suite.Hpke);

    public SignatureScheme Signatures { get; } = new(provider, suite.Signature);

    /// <summary>KDF.Nh: the length of a hash, a MAC and every secret of the key schedule.</summary>
    public int HashLength { get; } = Sizes.Digest(suite.Hash);

    /// <summary>AEAD.Nk.</summary>
    public int KeyLength { get; } = Sizes.AeadKey(suite.Aead);

    /// <summary>AEAD.Nn.</summary>
    public int NonceLength { get; } = Sizes.AeadNonce(suite.Aead);

    private static ReadOnlySpan<byte> Prefix => "MLS 1.0 "u8;

    public byte[] Hash(ReadOnlySpan<byte> data)
    {
        var digest = new byte[HashLength];
        Provider.Hash(Suite.Hash, data, digest);
        return digest;
    }

    /// <summary>RefHash (§5.2); the label is given whole.</summary>
    public byte[] RefHash(ReadOnlySpan<byte> label, ReadOnlySpan<byte> value)
    {
        using var input = TlsWriter.Rent(label.Length + value.Length + 8);
        input.WriteVector(label);
        input.WriteVector(value);
        return Hash(input.Written);
    }

    public byte[] Mac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data)
    {
        var mac = new byte[HashLength];
        Provider.Hmac(Suite.Hash, key, data, mac);
        return mac;
    }

    /// <summary>Whether a MAC is right, by content and length.</summary>
    public bool MacIs(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> mac) =>
        CryptographicOperations.FixedTimeEquals(Mac(key, data), mac);

    /// <summary>KDF.Extract. The caller disposes the result.</summary>
    public Secret Extract(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> inputKeyMaterial)
    {
        var secret = Secret.Create(HashLength, out var bytes);
        Provider.HkdfExtract(Suite.Hash, salt, inputKeyMaterial, bytes);
        return secret;
    }

    /// <summary>ExpandWithLabel (§8). The caller disposes the result.</summary>
    public Secret ExpandWithLabel(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, int length)
    {
        using var source = Open(secret);
        return source.Expand(label, context, length);
    }

    /// <summary>A secret from which several others are derived. The caller disposes it.</summary>
    public SecretSource Open(ReadOnlySpan<byte> secret) => new(Provider.OpenHkdf(Suite.Hash, secret), HashLength);

    /// <summary>DeriveSecret (§8). The caller disposes the result.</summary>
    public Secret DeriveSecret(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> label) => ExpandWithLabel(secret, label, default, HashLength);

    /// <summary>SignWithLabel (§5.1.2).</summary>
    public static byte[] SignWithLabel(SigningKey key, ReadOnlySpan<byte> label, ReadOnlySpan<byte> content)
    {
        using var signed = Labeled(label, content);
        return key.Sign(signed.Written);
    }

    /// <summary>SignWithLabel (§5.1.2) over content that is written right into what is signed.</summary>
    public static byte[] SignWithLabel(SigningKey key, ReadOnlySpan<byte> label, int sizeHint, Action<TlsWriter> content)
    {
        using var signed = Labeled(label, sizeHint, content);
        return key.Sign(signed.Written);
    }

    /// <summary>VerifyWithLabel (§5.1.2).</summary>
    public bool VerifyWithLabel(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> label, ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature)
    {
        using var signed = Labeled(label, content);
        return Signatures.Verify(publicKey, signed.Written, signature);
    }

    /// <summary>VerifyWithLabel (§5.1.2) over content that is written right into what was signed.</summary>
    public bool VerifyWithLabel(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> label, int sizeHint, Action<TlsWriter> content, ReadOnlySpan<byte> signature)
    {
        using var signed = Labeled(label, sizeHint, content);
        return Signatures.Verify(publicKey, signed.Written, signature);
    }

    /// <summary>EncryptWithLabel (§5.1.3).</summary>
    /// <exception cref="CryptoException">The public key cannot be used.</exception>
    public HpkeCiphertext EncryptWithLabel(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, ReadOnlySpan<byte> plaintext) =>
        Hpke.Seal(publicKey, PrepareEncryption(label, context), default, plaintext);

    /// <summary>Refuses a peer's HPKE key that cannot be encrypted to (§5.1.1).</summary>
    public void RequirePublicKey(ReadOnlyMemory<byte> publicKey, MlsRule rule)
    {
        try
        {
            Hpke.RequirePublicKey(publicKey.Span);
        }
        catch (CryptoException)
        {
            throw new MlsException(rule);
        }
    }

    /// <summary>What EncryptWithLabel computes once for one label and context, whatever the number of receivers.</summary>
    public HpkeInfo PrepareEncryption(ReadOnlySpan<byte> label, ReadOnlySpan<byte> context)
    {
        using var info = Labeled(label, context);
        return Hpke.PrepareInfo(info.Written);
    }

    /// <summary>DecryptWithLabel (§5.1.3). The caller disposes the plaintext; null when it does not open.</summary>
    public Secret? DecryptWithLabel(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, HpkeCiphertext ciphertext)
    {
        using var info = Labeled(label, context);
        try
        {
            return Hpke.TryOpen(privateKey, ciphertext.Encapsulation.Span, info.Written, default, ciphertext.Ciphertext.Span, out var plaintext)
                ? plaintext
                : null;
        }
        catch (CryptoException)
        {
            return null;
        }
    }

    public byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext)
    {
        var ciphertext = new byte[plaintext.Length + Sizes.AeadTag];
        Provider.AeadSeal(Suite.Aead, key, nonce, associatedData, plaintext, ciphertext);
        return ciphertext;
    }

    /// <summary>The plaintext, which the caller wipes when it is secret; null when it does not open.</summary>
    public byte[]? Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext)
    {
        if (ciphertext.Length < Sizes.AeadTag)
            return null;
        var plaintext = new byte[ciphertext.Length - Sizes.AeadTag];
        return Provider.TryAeadOpen(Suite.Aead, key, nonce, associatedData, ciphertext, plaintext) ? plaintext : null;
    }

    /// <summary>A fresh random secret of KDF.Nh bytes. The caller disposes it.</summary>
    public Secret RandomSecret()
    {
        var secret = Secret.Create(HashLength, out var bytes);
        Provider.FillRandom(bytes);
        return secret;
    }

    public byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        Provider.FillRandom(bytes);
        return bytes;
    }

    /// <summary>SignContent and EncryptContext have one shape: the prefixed label and the content. The caller disposes the writer.</summary>
    private static TlsWriter Labeled(ReadOnlySpan<byte> label, ReadOnlySpan<byte> content)
    {
        var writer = Labeled(label, content.Length);
        writer.WriteVector(content);
        return writer;
    }

    private static TlsWriter Labeled(ReadOnlySpan<byte> label, int sizeHint, Action<TlsWriter> content)
    {
        var writer = Labeled(label, sizeHint);
        var start = writer.BeginVector(sizeHint);
        content(writer);
        writer.EndVector(start);
        return writer;
    }

    private static TlsWriter Labeled(ReadOnlySpan<byte> label, int contentLength)
    {
        var writer = TlsWriter.Rent(Prefix.Length + label.Length + contentLength + 8);
        var start = writer.BeginVector();
        writer.WriteFixed(Prefix);
        writer.WriteFixed(label);
        writer.EndVector(start);
        return writer;
    }
}
