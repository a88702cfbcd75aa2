using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Sotto.Crypto;
using HashAlgorithm = Sotto.Crypto.HashAlgorithm;

namespace Sotto.Direct.Tokens;

/// <summary>
/// Fernet tokens, version 0x80 (the Fernet specification): base64url text with padding of
/// <c>version (1) ‖ time (8) ‖ IV (16) ‖ AES-128-CBC ciphertext (16·k) ‖ HMAC-SHA-256 (32)</c>.
/// </summary>
/// <remarks>
/// One token has one encoding. Missing or superfluous padding, whitespace, the standard alphabet's <c>+</c> and <c>/</c>
/// and non-zero bits after the last byte are refused, although other libraries accept some of them. Scratch memory holds
/// what the token holds and never plaintext.
/// </remarks>
public static class FernetToken
{
    /// <summary>Length of a key in bytes: 16 for signing, then 16 for encryption.</summary>
    public const int KeyLength = 32;

    /// <summary>Characters of the shortest token, which holds less than 16 bytes of plaintext.</summary>
    public const int ShortestLength = 100;

    private const byte Version = 0x80;
    private const int BlockLength = 16;
    private const int IvStart = 9;
    private const int CiphertextStart = IvStart + BlockLength;
    private const int MacLength = 32;
    private const int Overhead = CiphertextStart + MacLength;
    private const int SigningKeyLength = 16;
    private const int LongestPlaintext = int.MaxValue / 2;
    private const byte Pad = (byte)'=';

    /// <summary>Characters of a token, padding included.</summary>
    /// <param name="plaintextLength">Bytes of plaintext, at most 2³⁰ - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative or too large.</exception>
    public static int EncodedLength(int plaintextLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(plaintextLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(plaintextLength, LongestPlaintext);
        return TextLength(Overhead + CiphertextLength(plaintextLength));
    }

    /// <summary>
    /// Room in bytes that <see cref="TryDecrypt"/> needs for the plaintext of a token, which is 1 to 16 bytes shorter.
    /// </summary>
    /// <returns>0 when no token has this length.</returns>
    public static int MaxPlaintextLength(int tokenLength)
    {
        if (tokenLength < ShortestLength || tokenLength % 4 != 0)
            return 0;
        var groups = tokenLength / 4 - Overhead / 3;
        var blocks = (int)(groups * 3L / BlockLength);
        return TextLength(Overhead + blocks * BlockLength) == tokenLength ? blocks * BlockLength : 0;
    }

    /// <summary>Makes a token with a fresh random IV.</summary>
    /// <param name="crypto">Gives the primitives and the IV.</param>
    /// <param name="key">32 bytes: signing key, then encryption key.</param>
    /// <param name="unixSeconds">When the token is made, in seconds since 1970; it stands in the token in clear.</param>
    /// <param name="plaintext">Any bytes.</param>
    /// <param name="token">Receives ASCII, exactly <see cref="EncodedLength"/> bytes.</param>
    /// <exception cref="ArgumentException">The key or the destination has the wrong length, or the time is negative.</exception>
    public static void Encrypt(ICryptoProvider crypto, ReadOnlySpan<byte> key, long unixSeconds, ReadOnlySpan<byte> plaintext, Span<byte> token)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        Span<byte> iv = stackalloc byte[BlockLength];
        crypto.FillRandom(iv);
        Encrypt(crypto, key, unixSeconds, iv, plaintext, token);
    }

    /// <summary>
    /// Opens a token: checks encoding, version, length and MAC (in constant time), and only then decrypts. How old the
    /// token is does not matter here; see <see cref="TokenAge"/>.
    /// </summary>
    /// <param name="crypto">Gives the primitives.</param>
    /// <param name="key">32 bytes: signing key, then encryption key.</param>
    /// <param name="token">Any bytes.</param>
    /// <param name="plaintext">Room for at least <see cref="MaxPlaintextLength"/> bytes.</param>
    /// <param name="written">The length of the plaintext, 0 on failure.</param>
    /// <param name="unixSeconds">The time in the token, 0 on failure.</param>
    /// <returns>False for every token that does not open, whatever the reason.</returns>
    /// <exception cref="ArgumentException">The key has the wrong length or the destination is too small.</exception>
    public static bool TryDecrypt(ICryptoProvider crypto, ReadOnlySpan<byte> key, ReadOnlySpan<byte> token, Span<byte> plaintext, out int written, out long unixSeconds)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        RequireKey(key);
        written = 0;
        unixSeconds = 0;
        var ciphertextLength = MaxPlaintextLength(token.Length);
        if (ciphertextLength == 0)
            return false;
        if (plaintext.Length < ciphertextLength)
            throw new ArgumentException($"The destination needs room for {ciphertextLength} bytes.", nameof(plaintext));

        var scratch = ArrayPool<byte>.Shared.Rent(Overhead + ciphertextLength);
        try
        {
            var body = scratch.AsSpan(0, Overhead + ciphertextLength);
            return TryDecode(token, body)
                && TryAuthenticate(crypto, key, body, out unixSeconds)
                && TryOpen(crypto, key, body, plaintext[..ciphertextLength], out written, ref unixSeconds);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    internal static void Encrypt(ICryptoProvider crypto, ReadOnlySpan<byte> key, long unixSeconds, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> plaintext, Span<byte> token)
    {
        RequireKey(key);
        ArgumentOutOfRangeException.ThrowIfNegative(unixSeconds);
        if (token.Length != EncodedLength(plaintext.Length))
            throw new ArgumentException($"The token takes exactly {EncodedLength(plaintext.Length)} bytes.", nameof(token));

        var length = Overhead + CiphertextLength(plaintext.Length);
        var scratch = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var body = scratch.AsSpan(0, length);
            body[0] = Version;
            BinaryPrimitives.WriteInt64BigEndian(body[1..], unixSeconds);
            iv.CopyTo(body[IvStart..CiphertextStart]);
            crypto.AesCbcEncrypt(key[SigningKeyLength..], iv, plaintext, body[CiphertextStart..^MacLength]);
            crypto.Hmac(HashAlgorithm.Sha256, key[..SigningKeyLength], body[..^MacLength], body[^MacLength..]);
            Encode(body, token);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    /// <summary>
    /// 128 bits of a token's MAC: what tells one token of a key from another. Only for tokens of this class's making or
    /// that <see cref="TryDecrypt"/> opened.
    /// </summary>
    internal static UInt128 Mark(ReadOnlySpan<byte> token)
    {
        // Whole groups that end at most two bytes before the body does, so that every byte of them is the MAC's.
        var groups = token[..^(PaddingLength(token.Length) == 0 ? 0 : 4)];
        Span<byte> macBytes = stackalloc byte[18];
        Base64Url.DecodeFromUtf8(groups[^24..], macBytes);
        return BinaryPrimitives.ReadUInt128BigEndian(macBytes);
    }

    /// <summary>How many <c>=</c> a token of this length ends with. Only for lengths that tokens have.</summary>
    internal static int PaddingLength(int tokenLength) =>
        tokenLength / 4 * 3 - Overhead - MaxPlaintextLength(tokenLength);

    private static int CiphertextLength(int plaintextLength) => (plaintextLength / BlockLength + 1) * BlockLength;

    private static int TextLength(int bodyLength) => (int)((bodyLength + 2L) / 3 * 4);

    private static void RequireKey(ReadOnlySpan<byte> key)
    {
        if (key.Length != KeyLength)
            throw new ArgumentException($"A Fernet key has {KeyLength} bytes.", nameof(key));
    }

    private static void Encode(ReadOnlySpan<byte> body, Span<byte> token)
    {
        Base64Url.EncodeToUtf8(body, token, out _, out var written);
        token[written..].Fill(Pad);
    }

    private static bool TryDecode(ReadOnlySpan<byte> token, Span<byte> body)
    {
        var padding = PaddingLength(token.Length);
        var text = token[..^padding];
        if (token[text.Length..].ContainsAnyExcept(Pad))
            return false;

        // The decoder refuses bits after the last byte. It skips whitespace, and then writes less; padding of its own kind
        // inside the text does the same.
        var status = Base64Url.DecodeFromUtf8(text, body, out var consumed, out var written);
        return status == OperationStatus.Done
            && consumed == text.Length
            && written == body.Length;
    }

    private static bool TryAuthenticate(ICryptoProvider crypto, ReadOnlySpan<byte> key, ReadOnlySpan<byte> body, out long unixSeconds)
    {
        unixSeconds = 0;
        if (body[0] != Version)
            return false;
#if DEFENCES
        if (Defence.MacBeforeDecrypt.IsOff() && !crypto.TryAesCbcDecrypt(key[SigningKeyLength..], body[IvStart..CiphertextStart], body[CiphertextStart..^MacLength], new byte[body.Length], out _))
            throw new CryptographicException("The padding is wrong.");
#endif
        Span<byte> mac = stackalloc byte[MacLength];
        crypto.Hmac(HashAlgorithm.Sha256, key[..SigningKeyLength], body[..^MacLength], mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, body[^MacLength..]))
            return false;
        var time = BinaryPrimitives.ReadInt64BigEndian(body[1..]);
        unixSeconds = Math.Max(time, 0);
        return time >= 0;
    }

    private static bool TryOpen(ICryptoProvider crypto, ReadOnlySpan<byte> key, ReadOnlySpan<byte> body, Span<byte> plaintext, out int written, ref long unixSeconds)
    {
        if (crypto.TryAesCbcDecrypt(key[SigningKeyLength..], body[IvStart..CiphertextStart], body[CiphertextStart..^MacLength], plaintext, out written))
            return true;
        unixSeconds = 0;
        return false;
    }
}
