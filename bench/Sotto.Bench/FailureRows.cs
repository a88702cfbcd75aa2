using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Sotto.Crypto.Native;
using Sotto.Direct.Tokens;

namespace Sotto.Bench;

/// <summary>How long a token of 1 KiB takes to be refused, by what is wrong with it: paired, in random order.</summary>
internal static class FailureRows
{
    private const int PlaintextSize = 1024;
    private const int CallsPerSample = 20;
    private static readonly NativeCryptoProvider Crypto = new();

    public static IEnumerable<Row> Measure(Plan plan)
    {
        var key = new byte[FernetToken.KeyLength];
        Crypto.FillRandom(key);
        var cases = Cases(key);
        var medians = TakeTurns(plan.Quick ? 300 : 2000, key, [.. cases.Select(each => each.Token)]);

        foreach (var (failure, median) in cases.Zip(medians))
            yield return new($"a token refused for {failure.Name}", Microseconds(median));
        yield return Spread("largest difference between two places of a wrong MAC", medians[..3]);
        yield return Spread("largest difference among failures that pass the check of the length", medians[..^1]);
    }

    private static (string Name, byte[] Token)[] Cases(byte[] key)
    {
        var good = new byte[FernetToken.EncodedLength(PlaintextSize)];
        FernetToken.Encrypt(Crypto, key, 1_700_000_000, new byte[PlaintextSize], good);
        var body = Base64Url.DecodeFromUtf8(good);
        var badBase64 = good.ToArray();
        badBase64[good.Length / 2] = (byte)'!';
        return
        [
            ("the first byte of its MAC", Changed(body, body.Length - 32)),
            ("the last byte of its MAC", Changed(body, body.Length - 1)),
            ("a byte of its ciphertext", Changed(body, body.Length / 2)),
            ("padding under a valid MAC", WithBadPadding(body, key)),
            ("its version", Changed(body, 0)),
            ("a character outside base64url", badBase64),
            ("its length", good[..^4]),
        ];
    }

    private static byte[] Changed(byte[] body, int index)
    {
        var changed = body.ToArray();
        changed[index] ^= 1;
        return Encode(changed);
    }

    /// <summary>The last block but one is changed, so that the padding is wrong, and the MAC is made anew.</summary>
    private static byte[] WithBadPadding(byte[] body, byte[] key)
    {
        var changed = body.ToArray();
        changed[^(32 + 16 + 1)] ^= 0x80;
        HMACSHA256.HashData(key.AsSpan(0, 16), changed.AsSpan(..^32), changed.AsSpan(^32..));
        return Encode(changed);
    }

    private static byte[] Encode(byte[] body)
    {
        var token = new byte[(body.Length + 2) / 3 * 4];
        var written = Base64Url.EncodeToUtf8(body, token);
        token.AsSpan(written).Fill((byte)'=');
        return token;
    }

    private static double[] TakeTurns(int samples, byte[] key, byte[][] tokens)
    {
        var taken = tokens.Select(_ => new List<double>()).ToArray();
        var order = Enumerable.Range(0, tokens.Length).ToArray();
        for (var sample = -samples / 5; sample < samples; sample++)
        {
            Random.Shared.Shuffle(order);
            foreach (var turn in order)
            {
                var seconds = Refuse(key, tokens[turn]);
                if (sample >= 0)
                    taken[turn].Add(seconds);
            }
        }

        return [.. taken.Select(Timing.Median)];
    }

    private static double Refuse(byte[] key, byte[] token)
    {
        Span<byte> plaintext = stackalloc byte[PlaintextSize + 64];
        var begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < CallsPerSample; i++)
        {
            if (FernetToken.TryDecrypt(Crypto, key, token, plaintext, out _, out _))
                throw new InvalidOperationException("A broken token opened.");
        }

        return Stopwatch.GetElapsedTime(begun).TotalSeconds / CallsPerSample;
    }

    private static Row Spread(string what, double[] medians)
    {
        var (least, most) = (medians.Min(), medians.Max());
        return new(what, string.Create(CultureInfo.InvariantCulture, $"{(most - least) / least * 100:#,0.0} % ({Microseconds(least)} to {Microseconds(most)})"));
    }

    private static string Microseconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e6:0.00} µs");
}
