using System.Security.Cryptography;

namespace Sotto.Crypto;

/// <summary>HKDF-Expand over one HMAC whose key is set once: half the time of setting it for each expansion.</summary>
internal sealed class BclHkdfKey(HashAlgorithmName algorithm, int digest, ReadOnlySpan<byte> pseudorandomKey) : HkdfKey
{
    private readonly IncrementalHash _hmac = IncrementalHash.CreateHMAC(algorithm, pseudorandomKey);

    public override void Expand(ReadOnlySpan<byte> info, Span<byte> output)
    {
        Require.AtMost(output, 255 * digest, nameof(output));
        Span<byte> block = stackalloc byte[64];
        block = block[..digest];
        Span<byte> counter = stackalloc byte[1];
        for (counter[0] = 1; !output.IsEmpty; counter[0]++)
        {
            // T(n) = HMAC(key, T(n - 1) || info || n), and T(0) is empty.
            if (counter[0] > 1)
                _hmac.AppendData(block);
            _hmac.AppendData(info);
            _hmac.AppendData(counter);
            _hmac.GetHashAndReset(block);
            var taken = Math.Min(digest, output.Length);
            block[..taken].CopyTo(output);
            output = output[taken..];
        }

        CryptographicOperations.ZeroMemory(block);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _hmac.Dispose();
    }
}
