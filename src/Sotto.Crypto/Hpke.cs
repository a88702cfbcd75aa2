using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Sotto.Crypto;

/// <summary>
/// Hybrid public key encryption (RFC 9180) in base and PSK mode, written over a provider. The authenticated modes are
/// not built: MLS uses none. One instance serves all threads.
/// </summary>
/// <remarks>
/// Private keys are what <see cref="GeneratePrivateKey"/> and <see cref="DerivePrivateKey"/> give: the 32 bytes of
/// X25519 and X-Wing, the 56 of X448, a scalar of fixed width for the NIST curves. One of the wrong length, or a scalar
/// out of range, is the caller's mistake and an <see cref="ArgumentException"/>.
/// </remarks>
public sealed class Hpke
{
    private const int LargestSharedSecret = 64;
    private const int LargestDigest = 64;
    private const int SmallestPsk = 32;

    private readonly ICryptoProvider _provider;
    private readonly HpkeKem _kem;
    private readonly HpkeKeySchedule _schedule;

    /// <summary>HPKE with one ciphersuite.</summary>
    /// <param name="provider">What computes; not disposed.</param>
    /// <param name="algorithms">The suite.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of the algorithms has no number in HPKE.</exception>
    public Hpke(ICryptoProvider provider, HpkeAlgorithms algorithms)
    {
        ArgumentNullException.ThrowIfNull(provider);
        ArgumentNullException.ThrowIfNull(algorithms);
        _provider = provider;
        _kem = HpkeKem.Create(provider, algorithms.Kem, algorithms.Derivation);
        _schedule = new HpkeKeySchedule(provider, algorithms);
        Algorithms = algorithms;
    }

    /// <summary>The suite.</summary>
    public HpkeAlgorithms Algorithms { get; }

    /// <summary>Length of a public key in bytes.</summary>
    public int PublicKeyLength => _kem.PublicKeyLength;

    /// <summary>Length of a private key in bytes.</summary>
    public int PrivateKeyLength => _kem.PrivateKeyLength;

    /// <summary>Length of an encapsulated key in bytes.</summary>
    public int EncapsulationLength => _kem.EncapsulationLength;

    /// <summary>The private half of DeriveKeyPair (RFC 9180 §4).</summary>
    /// <param name="inputKeyMaterial">Secret bytes with at least as much entropy as the private key has bytes.</param>
    /// <returns>A secret that the caller disposes.</returns>
    public Secret DerivePrivateKey(ReadOnlySpan<byte> inputKeyMaterial)
    {
        var key = Secret.Create(PrivateKeyLength, out var bytes);
        _kem.DerivePrivateKey(inputKeyMaterial, bytes);
        return key;
    }

    /// <summary>The private half of GenerateKeyPair (RFC 9180 §4).</summary>
    /// <returns>A secret that the caller disposes.</returns>
    public Secret GeneratePrivateKey()
    {
        var key = Secret.Create(PrivateKeyLength, out var bytes);
        _kem.GeneratePrivateKey(bytes);
        return key;
    }

    /// <summary>The public key of a private key.</summary>
    /// <exception cref="ArgumentException">The private key has the wrong length or is none.</exception>
    public byte[] PublicKey(ReadOnlySpan<byte> privateKey)
    {
        Require.Length(privateKey, PrivateKeyLength, nameof(privateKey));
        var publicKey = new byte[PublicKeyLength];
        _kem.PublicKey(privateKey, publicKey);
        return publicKey;
    }

    /// <summary>
    /// Refuses every public key that <see cref="Seal(ReadOnlySpan{byte}, ReadOnlySpan{byte}, ReadOnlySpan{byte}, ReadOnlySpan{byte})"/> would refuse: of the wrong length, not canonical, not on its
    /// curve, of low order, with an ML-KEM coefficient that is not reduced (FIPS 203 §7.2). Nothing is left to the
    /// encapsulation.
    /// </summary>
    /// <exception cref="CryptoException">Nothing can be encapsulated to this key.</exception>
    public void RequirePublicKey(ReadOnlySpan<byte> publicKey) => _kem.RequirePublicKey(publicKey);

    /// <summary>Encrypts one message to a public key (RFC 9180 §6.1).</summary>
    /// <param name="publicKey">The receiver's key; checked here too.</param>
    /// <param name="info">What both sides know about the purpose.</param>
    /// <param name="associatedData">What is authenticated with the message and not sent.</param>
    /// <param name="plaintext">The message.</param>
    /// <exception cref="CryptoException">Nothing can be encapsulated to this key.</exception>
    /// <exception cref="InvalidOperationException">The suite only exports secrets.</exception>
    public HpkeCiphertext Seal(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> info, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext) =>
        Seal(publicKey, PrepareInfo(info), associatedData, plaintext);

    /// <summary>
    /// What <see cref="Seal(ReadOnlySpan{byte}, ReadOnlySpan{byte}, ReadOnlySpan{byte}, ReadOnlySpan{byte})"/> computes of its
    /// info, once for any number of receivers.
    /// </summary>
    public HpkeInfo PrepareInfo(ReadOnlySpan<byte> info)
    {
        var hash = new byte[_schedule.ExporterSecretLength];
        _schedule.HashInfo(info, hash);
        return new HpkeInfo(hash);
    }

    /// <summary>Encrypts one message to a public key (RFC 9180 §6.1) under an info that was prepared by this instance's suite.</summary>
    /// <exception cref="CryptoException">Nothing can be encapsulated to this key.</exception>
    /// <exception cref="ArgumentException">The info was prepared by a suite with another hash function.</exception>
    /// <exception cref="InvalidOperationException">The suite only exports secrets.</exception>
    public HpkeCiphertext Seal(ReadOnlySpan<byte> publicKey, HpkeInfo info, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext)
    {
        ArgumentNullException.ThrowIfNull(info);
        Require.Length(info.Hash, _schedule.ExporterSecretLength, nameof(info));
        var aead = HpkeContext.RequireAead(_schedule);
        var encapsulation = new byte[EncapsulationLength];
        using var keys = EncapsulateHashed(HpkeUses.Encryption, publicKey, encapsulation, info.Hash, [], []);
        var ciphertext = new byte[plaintext.Length + Sizes.AeadTag];
        _provider.AeadSeal(aead, keys.Key, keys.BaseNonce, associatedData, plaintext, ciphertext);
        return new HpkeCiphertext(encapsulation, ciphertext);
    }

    /// <summary>Opens what <see cref="Seal(ReadOnlySpan{byte}, ReadOnlySpan{byte}, ReadOnlySpan{byte}, ReadOnlySpan{byte})"/> made (RFC 9180 §6.1).</summary>
    /// <param name="privateKey">The receiver's key.</param>
    /// <param name="encapsulation">The encapsulated key.</param>
    /// <param name="info">What both sides know about the purpose.</param>
    /// <param name="associatedData">What was authenticated with the message.</param>
    /// <param name="ciphertext">The message.</param>
    /// <param name="plaintext">What it held, which the caller disposes; null when it does not open.</param>
    /// <returns>False when it does not open, an encapsulated key that is none included.</returns>
    /// <exception cref="ArgumentException">The private key has the wrong length or is none.</exception>
    /// <exception cref="InvalidOperationException">The suite only exports secrets.</exception>
    public bool TryOpen(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> encapsulation, ReadOnlySpan<byte> info, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, [NotNullWhen(true)] out Secret? plaintext)
    {
        var aead = HpkeContext.RequireAead(_schedule);
        try
        {
            using var keys = Decapsulate(HpkeUses.Encryption, privateKey, encapsulation, info, [], []);
            plaintext = HpkeReceiver.Open(_provider, aead, keys.Key, keys.BaseNonce, associatedData, ciphertext);
        }
        catch (CryptoException)
        {
            plaintext = null;
        }
        return plaintext is not null;
    }

    /// <summary>A secret shared with a public key's owner (SetupBaseS and Export, RFC 9180 §6.2).</summary>
    /// <param name="publicKey">The receiver's key; checked here too.</param>
    /// <param name="info">What both sides know about the purpose.</param>
    /// <param name="exporterContext">What the secret is for.</param>
    /// <param name="length">Bytes, at most 255 digests of the suite's hash function.</param>
    /// <returns>A secret that the caller disposes, and what its owner needs to have it too.</returns>
    /// <exception cref="CryptoException">Nothing can be encapsulated to this key.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative or above the limit.</exception>
    public HpkeExport SendExport(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> info, ReadOnlySpan<byte> exporterContext, int length)
    {
        var encapsulation = new byte[EncapsulationLength];
        using var keys = Encapsulate(HpkeUses.Export, publicKey, encapsulation, info, [], []);
        return new HpkeExport(encapsulation, HpkeContext.Export(_schedule, keys, exporterContext, length));
    }

    /// <summary>The other side of <see cref="SendExport"/> (SetupBaseR and Export, RFC 9180 §6.2).</summary>
    /// <param name="privateKey">The receiver's key.</param>
    /// <param name="encapsulation">The encapsulated key.</param>
    /// <param name="info">What both sides know about the purpose.</param>
    /// <param name="exporterContext">What the secret is for.</param>
    /// <param name="length">Bytes, at most 255 digests of the suite's hash function.</param>
    /// <returns>A secret that the caller disposes; another than the sender's when anything differs.</returns>
    /// <exception cref="CryptoException">The encapsulated key has the wrong length or is none.</exception>
    /// <exception cref="ArgumentException">The private key has the wrong length or is none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative or above the limit.</exception>
    public Secret ReceiveExport(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> encapsulation, ReadOnlySpan<byte> info, ReadOnlySpan<byte> exporterContext, int length)
    {
        using var keys = Decapsulate(HpkeUses.Export, privateKey, encapsulation, info, [], []);
        return HpkeContext.Export(_schedule, keys, exporterContext, length);
    }

    /// <summary>SetupBaseS (RFC 9180 §5.1.1), for several messages to one key.</summary>
    /// <returns>A context that the caller disposes.</returns>
    /// <exception cref="CryptoException">Nothing can be encapsulated to this key.</exception>
    public HpkeSender SetupBaseSender(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> info) => SetupSender(publicKey, info, [], []);

    /// <summary>SetupBaseR (RFC 9180 §5.1.1).</summary>
    /// <returns>A context that the caller disposes.</returns>
    /// <exception cref="CryptoException">The encapsulated key has the wrong length or is none.</exception>
    /// <exception cref="ArgumentException">The private key has the wrong length or is none.</exception>
    public HpkeReceiver SetupBaseReceiver(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> encapsulation, ReadOnlySpan<byte> info) =>
        SetupReceiver(privateKey, encapsulation, info, [], []);

    /// <summary>SetupPSKS (RFC 9180 §5.1.2): whoever opens it also holds the pre-shared key.</summary>
    /// <param name="publicKey">The receiver's key.</param>
    /// <param name="info">What both sides know about the purpose.</param>
    /// <param name="psk">The pre-shared key: at least 32 bytes, and as much entropy.</param>
    /// <param name="pskId">Which key it is: at least one byte.</param>
    /// <returns>A context that the caller disposes.</returns>
    /// <exception cref="CryptoException">Nothing can be encapsulated to this key.</exception>
    /// <exception cref="ArgumentException">The pre-shared key is too short or has no identifier.</exception>
    public HpkeSender SetupPskSender(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> info, ReadOnlySpan<byte> psk, ReadOnlySpan<byte> pskId)
    {
        RequirePsk(psk, pskId);
        return SetupSender(publicKey, info, psk, pskId);
    }

    /// <summary>SetupPSKR (RFC 9180 §5.1.2): whoever sealed it also holds the pre-shared key.</summary>
    /// <param name="privateKey">The receiver's key.</param>
    /// <param name="encapsulation">The encapsulated key.</param>
    /// <param name="info">What both sides know about the purpose.</param>
    /// <param name="psk">The pre-shared key: at least 32 bytes.</param>
    /// <param name="pskId">Which key it is: at least one byte.</param>
    /// <returns>A context that the caller disposes.</returns>
    /// <exception cref="CryptoException">The encapsulated key has the wrong length or is none.</exception>
    /// <exception cref="ArgumentException">The private key is none, or the pre-shared key is too short or has no identifier.</exception>
    public HpkeReceiver SetupPskReceiver(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> encapsulation, ReadOnlySpan<byte> info, ReadOnlySpan<byte> psk, ReadOnlySpan<byte> pskId)
    {
        RequirePsk(psk, pskId);
        return SetupReceiver(privateKey, encapsulation, info, psk, pskId);
    }

    private static void RequirePsk(ReadOnlySpan<byte> psk, ReadOnlySpan<byte> pskId)
    {
        Require.AtLeast(psk, SmallestPsk, nameof(psk));
        Require.AtLeast(pskId, 1, nameof(pskId));
    }

    private HpkeSender SetupSender(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> info, ReadOnlySpan<byte> psk, ReadOnlySpan<byte> pskId)
    {
        var encapsulation = new byte[EncapsulationLength];
        var keys = Encapsulate(HpkeUses.All, publicKey, encapsulation, info, psk, pskId);
        return new HpkeSender(_provider, _schedule, keys, encapsulation);
    }

    private HpkeReceiver SetupReceiver(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> encapsulation, ReadOnlySpan<byte> info, ReadOnlySpan<byte> psk, ReadOnlySpan<byte> pskId) =>
        new(_provider, _schedule, Decapsulate(HpkeUses.All, privateKey, encapsulation, info, psk, pskId));

    private HpkeKeys Encapsulate(HpkeUses uses, ReadOnlySpan<byte> publicKey, Span<byte> encapsulation, ReadOnlySpan<byte> info, ReadOnlySpan<byte> psk, ReadOnlySpan<byte> pskId)
    {
        Span<byte> infoHash = stackalloc byte[LargestDigest];
        infoHash = infoHash[.._schedule.ExporterSecretLength];
        _schedule.HashInfo(info, infoHash);
        return EncapsulateHashed(uses, publicKey, encapsulation, infoHash, psk, pskId);
    }

    private HpkeKeys EncapsulateHashed(HpkeUses uses, ReadOnlySpan<byte> publicKey, Span<byte> encapsulation, ReadOnlySpan<byte> infoHash, ReadOnlySpan<byte> psk, ReadOnlySpan<byte> pskId)
    {
        Span<byte> sharedSecret = stackalloc byte[LargestSharedSecret];
        sharedSecret = sharedSecret[.._kem.SharedSecretLength];
        try
        {
            _kem.Encapsulate(publicKey, encapsulation, sharedSecret);
            return new HpkeKeys(_schedule, uses, sharedSecret, infoHash, psk, pskId);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(sharedSecret);
        }
    }

    private HpkeKeys Decapsulate(HpkeUses uses, ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> encapsulation, ReadOnlySpan<byte> info, ReadOnlySpan<byte> psk, ReadOnlySpan<byte> pskId)
    {
        Require.Length(privateKey, PrivateKeyLength, nameof(privateKey));
        Span<byte> sharedSecret = stackalloc byte[LargestSharedSecret];
        sharedSecret = sharedSecret[.._kem.SharedSecretLength];
        try
        {
            _kem.Decapsulate(privateKey, encapsulation, sharedSecret);
            Span<byte> infoHash = stackalloc byte[LargestDigest];
            infoHash = infoHash[.._schedule.ExporterSecretLength];
            _schedule.HashInfo(info, infoHash);
            return new HpkeKeys(_schedule, uses, sharedSecret, infoHash, psk, pskId);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(sharedSecret);
        }
    }
}
