using System.Buffers.Text;
using System.Globalization;
using Sotto.Crypto;
using Sotto.Crypto.Native;
using Sotto.Direct.Handshake;

namespace Sotto.Bench;

/// <summary>What one line's time is made of: each primitive alone, at the sizes that a short message has.</summary>
internal static class PartRows
{
    private const int Padded = 512;

    public static IEnumerable<Row> Measure(Plan plan)
    {
        var crypto = new NativeCryptoProvider();
        var key = new byte[32];
        var iv = new byte[16];
        var plaintext = new byte[Padded];
        var ciphertext = new byte[Padded + 16];
        var derived = new byte[32];
        var opened = new byte[Padded + 16];
        var body = new byte[25 + ciphertext.Length + 32];
        var text = new byte[body.Length / 3 * 4 + 4];
        crypto.AesCbcEncrypt(key.AsSpan(16), iv, plaintext, ciphertext);
        var written = Base64Url.EncodeToUtf8(body, text);
        using var channels = new ChannelWork(bodyLength: 64);
        (string, Action)[] parts =
        [
            ("a message key or the next chain key (HKDF-Expand, 32 bytes); two of them each side", () => Schedule.Derive(crypto, key, "message", default, derived)),
            ("HMAC-SHA-256 over 585 bytes", () => crypto.Hmac(HashAlgorithm.Sha256, key.AsSpan(0, 16), body.AsSpan(..^32), body.AsSpan(^32..))),
            ("AES-128-CBC, encrypting 512 bytes", () => crypto.AesCbcEncrypt(key.AsSpan(16), iv, plaintext, ciphertext)),
            ("AES-128-CBC, decrypting 512 bytes", () => crypto.TryAesCbcDecrypt(key.AsSpan(16), iv, ciphertext, opened, out _)),
            ("a random IV", () => crypto.FillRandom(iv)),
            ("base64url, writing 617 bytes", () => Base64Url.EncodeToUtf8(body, text)),
            ("base64url, reading 617 bytes", () => Base64Url.DecodeFromUtf8(text.AsSpan(0, written), body)),
            ("all of a message, sealed and opened", channels.SealAndOpen),
        ];
        foreach (var (_, work) in parts)
            Timing.Warm(work, 0.15);
        var medians = Timing.Interleave(plan.Rounds, [.. parts.Select(part => (Func<double>)(() => Timing.SecondsEach(part.Item2, plan.Sample / 2)))]);
        foreach (var ((what, _), seconds) in parts.Zip(medians))
            yield return new(what, string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e6:0.00} µs"));
    }
}
