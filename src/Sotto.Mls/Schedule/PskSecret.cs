using Sotto.Mls.Suites;

namespace Sotto.Mls.Schedule;

/// <summary>A pre-shared key with its name. The owner disposes it.</summary>
internal readonly record struct PreSharedKey(PreSharedKeyId Id, Secret Key);

/// <summary>All pre-shared keys of a commit in one secret (RFC 9420 §8.4).</summary>
internal static class PskSecret
{
    /// <summary>psk_secret; all zero when there are no keys. The caller disposes the result.</summary>
    public static Secret Compute(SuiteCrypto crypto, IReadOnlyList<PreSharedKey> keys)
    {
        ReadOnlySpan<byte> zero = stackalloc byte[crypto.HashLength];
        var secret = Secret.CopyOf(zero);
        for (var i = 0; i < keys.Count; i++)
        {
            using var extracted = crypto.Extract(zero, keys[i].Key.Bytes);
            using var input = crypto.ExpandWithLabel(extracted.Bytes, "derived psk"u8, Label(keys[i].Id, i, keys.Count), crypto.HashLength);
            using var previous = secret;
            secret = crypto.Extract(input.Bytes, previous.Bytes);
        }

        return secret;
    }

    private static byte[] Label(PreSharedKeyId id, int index, int count) => TlsWriter.Encode(writer =>
    {
        id.Write(writer);
        writer.WriteUInt16((ushort)index);
        writer.WriteUInt16((ushort)count);
    });
}
