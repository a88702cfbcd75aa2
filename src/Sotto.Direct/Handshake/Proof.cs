using Sotto.Direct.Identities;
using Sotto.Direct.Wire;

namespace Sotto.Direct.Handshake;

/// <summary>
/// A side's proof: an Ed25519 signature over the transcript, then a finished message over the transcript with that
/// signature, keyed by the exchange and the invite's secret. Making or checking a proof absorbs it.
/// </summary>
internal static class Proof
{
    public static byte[] Make(Transcript transcript, HandshakeKeys keys, Identity self, string side)
    {
        var proof = new byte[64 + 32];
        transcript.Sign(self, side + " signature", proof.AsSpan(0, 64));
        transcript.Absorb(side + " signature", proof.AsSpan(0, 64));
        keys.Finished(side + " finished", transcript, proof.AsSpan(64));
        transcript.Absorb(side + " finished", proof.AsSpan(64));
        return proof;
    }

    public static void Check(ref WireReader reader, Transcript transcript, HandshakeKeys keys, ReadOnlySpan<byte> publicKey, string side)
    {
        var signature = reader.Bytes(64);
        var finished = reader.Bytes(32);
        if (!transcript.Verify(publicKey, side + " signature", signature))
            throw DirectException.Handshake();
        transcript.Absorb(side + " signature", signature);
        if (!keys.IsFinished(side + " finished", transcript, finished))
            throw DirectException.Handshake();
        transcript.Absorb(side + " finished", finished);
    }
}
