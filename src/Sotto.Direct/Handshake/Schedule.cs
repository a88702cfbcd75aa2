using System.Text;
using Sotto.Crypto;

namespace Sotto.Direct.Handshake;

/// <summary>
/// HKDF-SHA-256 under labels: every key of direct mode is
/// <c>HKDF-Expand(secret, "sotto direct 1 " ‖ label ‖ 0 ‖ context, length)</c>, and contexts are transcript hashes or empty.
/// </summary>
internal static class Schedule
{
    public const int KeyLength = 32;

    /// <summary>Mixes a fresh secret into an older one, or into the invite's.</summary>
    public static Secret Extract(ICryptoProvider crypto, ReadOnlySpan<byte> older, ReadOnlySpan<byte> fresh)
    {
        var mixed = Secret.Create(KeyLength, out var bytes);
        crypto.HkdfExtract(HashAlgorithm.Sha256, older, fresh, bytes);
        return mixed;
    }

    public static Secret Derive(ICryptoProvider crypto, Secret secret, string label, ReadOnlySpan<byte> context)
    {
        var derived = Secret.Create(KeyLength, out var bytes);
        Derive(crypto, secret.Bytes, label, context, bytes);
        return derived;
    }

    public static void Derive(ICryptoProvider crypto, ReadOnlySpan<byte> secret, string label, ReadOnlySpan<byte> context, Span<byte> output)
    {
        Span<byte> info = stackalloc byte[128];
        "sotto direct 1 "u8.CopyTo(info);
        var length = 15 + Encoding.ASCII.GetBytes(label, info[15..]);
        info[length++] = 0;
        context.CopyTo(info[length..]);
        crypto.HkdfExpand(HashAlgorithm.Sha256, secret, info[..(length + context.Length)], output);
    }
}
