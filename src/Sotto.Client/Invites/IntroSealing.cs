using Sotto.Client.Accounts;
using Sotto.Client.Conversations;
using Sotto.Crypto;
using Sotto.Wire;
using Sotto.Wire.Records;

namespace Sotto.Client.Invites;

/// <summary>A device's intro channel, as a sealer and the device itself both know it.</summary>
internal sealed record IntroAddress(AccountId Account, Bytes32 Device, Bytes16 Relay, Bytes16 Channel);

/// <summary>
/// What is sealed for one device's intro channel: HPKE base mode with X-Wing, HKDF-SHA-256 and ChaCha20-Poly1305;
/// info = <c>"Sotto 1 intro" | account id | device key | relay fingerprint | intro channel id</c>, associated data = H of the
/// lane capability. On the wire: encapsulation, then ciphertext. The content is <c>uint8 kind; opaque body&lt;V&gt;</c> and zeros
/// up to 8 KiB, then to a size of Padmé. It names nobody: who sent it is who signed what is inside.
/// </summary>
internal static class IntroSealing
{
    private const int Smallest = 8 * 1024;

    private static readonly HpkeAlgorithms Algorithms = new(KemAlgorithm.XWing, HashAlgorithm.Sha256, AeadAlgorithm.ChaCha20Poly1305);

    public static byte[] Seal(ICryptoProvider crypto, IntroAddress to, ReadOnlySpan<byte> introKey, Bytes32 lane, byte kind, ReadOnlySpan<byte> body)
    {
        var content = new TlsWriter().Byte(kind).Vector(body);
        var padded = new byte[Math.Max(Smallest, PayloadPadding.Padded(content.Written.Length))];
        content.Written.CopyTo(padded);
        var ciphertext = new Hpke(crypto, Algorithms).Seal(introKey, Info(to), Bytes32.HashOf(lane.ToArray()).ToArray(), padded);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(padded);
        return [.. ciphertext.Encapsulation.Span, .. ciphertext.Ciphertext.Span];
    }

    /// <summary>Null when it does not open or is of another shape.</summary>
    public static (byte Kind, byte[] Body)? Open(ICryptoProvider crypto, IntroAddress own, ReadOnlySpan<byte> privateKey, Bytes32 laneHash, ReadOnlySpan<byte> payload)
    {
        if (payload.Length < Sizes.XWingCiphertext)
            return null;
        if (!new Hpke(crypto, Algorithms).TryOpen(privateKey, payload[..Sizes.XWingCiphertext], Info(own), laneHash.ToArray(), payload[Sizes.XWingCiphertext..], out var opened))
            return null;
        using (opened)
        {
            var reader = new TlsReader(opened!.Bytes);
            var kind = reader.Byte();
            var body = reader.Vector().ToArray();
            return reader.Bytes(0).IsEmpty && reader.Position > 0 && !opened.Bytes[reader.Position..].ContainsAnyExcept((byte)0) ? (kind, body) : null;
        }
    }

    public static byte[] PublicKeyOf(ICryptoProvider crypto, ReadOnlySpan<byte> privateKey)
    {
        var publicKey = new byte[Sizes.XWingPublicKey];
        crypto.XWingPublicKey(privateKey, publicKey);
        return publicKey;
    }

    private static byte[] Info(IntroAddress address) => new TlsWriter().Bytes("Sotto 1 intro"u8)
        .ThirtyTwo(address.Account.Value).ThirtyTwo(address.Device).Sixteen(address.Relay).Sixteen(address.Channel).ToArray();
}
