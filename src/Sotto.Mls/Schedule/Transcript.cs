using Sotto.Mls.Framing;
using Sotto.Mls.Suites;

namespace Sotto.Mls.Schedule;

/// <summary>The running hashes over all commits of a group (RFC 9420 §8.2).</summary>
internal static class Transcript
{
    /// <summary>confirmed_transcript_hash after a commit: it covers everything but the commit's confirmation tag.</summary>
    public static byte[] Confirmed(SuiteCrypto crypto, ReadOnlySpan<byte> interimBefore, AuthenticatedContent commit)
    {
        using var writer = TlsWriter.Rent(interimBefore.Length + commit.Content.Body.SizeHint + 256);
        writer.WriteFixed(interimBefore);
        writer.WriteUInt16((ushort)commit.Format);
        commit.Content.Write(writer);
        writer.WriteVector(commit.Signature);
        return crypto.Hash(writer.Written);
    }

    /// <summary>interim_transcript_hash: the confirmed one and the confirmation tag.</summary>
    public static byte[] Interim(SuiteCrypto crypto, ReadOnlySpan<byte> confirmed, ReadOnlySpan<byte> confirmationTag)
    {
        using var writer = TlsWriter.Rent(confirmed.Length + confirmationTag.Length + 8);
        writer.WriteFixed(confirmed);
        writer.WriteVector(confirmationTag);
        return crypto.Hash(writer.Written);
    }
}
