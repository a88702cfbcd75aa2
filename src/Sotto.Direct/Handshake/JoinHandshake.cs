using Sotto.Crypto;
using Sotto.Direct.Exchange;
using Sotto.Direct.Identities;
using Sotto.Direct.Invites;
using Sotto.Direct.Wire;

namespace Sotto.Direct.Handshake;

/// <summary>
/// The joiner's side, pure: bytes in, bytes out. In time order:
/// 1. say hello; 2. take the host's offer, answer it, and say who one is inside; 3. check that the host opens what it
/// committed to, is who the invite names, and signed all of this; 4. sign and finish.
/// </summary>
internal sealed class JoinHandshake(ICryptoProvider crypto, Identity self, DirectInvite? invite) : IDisposable
{
    private readonly Transcript _transcript = new(crypto);
    private readonly byte[] _nonce = new byte[Introduction.NonceLength];
    private HostOffer? _offer;
    private HandshakeKeys? _keys;

    /// <summary>Step 1.</summary>
    public byte[] Hello()
    {
        var bytes = new JoinHello([ExchangeMethod.XWing, ExchangeMethod.Rsa], invite?.Tag(crypto)).Encode();
        _transcript.Absorb("join hello", bytes);
        return bytes;
    }

    /// <summary>Step 2.</summary>
    public byte[] Reply(ReadOnlySpan<byte> hostOffer)
    {
        _offer = HostOffer.Decode(hostOffer);
        _transcript.Absorb("host offer", hostOffer);
        using var reply = ExchangeReply.To(crypto, _offer.Method, _offer.PublicKey);
        _transcript.Absorb("ciphertext", reply.Ciphertext.Span);
        _keys = new(crypto, invite?.Secret, reply.Shared);
        crypto.FillRandom(_nonce);
        var introduction = new Introduction(_nonce, self.Public.Key.ToArray(), self.Public.Name).Encode();
        var sealedIntroduction = _keys.Seal("join introduction", _transcript.Hash, introduction);
        _transcript.Absorb("join introduction", introduction);
        return new JoinReply(reply.Ciphertext.Span, sealedIntroduction).Encode();
    }

    /// <summary>Steps 3 and 4: the last frame to send, and a result that the caller disposes.</summary>
    public (byte[] JoinAuth, HandshakeResult Result) Finish(ReadOnlySpan<byte> hostAuth)
    {
        var (offer, keys) = (_offer!, _keys!);
        var opened = keys.Open("host auth", _transcript.Hash, hostAuth) ?? throw DirectException.Handshake();
        var reader = new WireReader(opened);
        var host = Introduction.Decode(ref reader);
        if (!Commitment.Opens(crypto, offer.Commitment, host.Nonce, host.Key))
            throw DirectException.Handshake();
        if (invite is not null && Fingerprint.Of(crypto, host.Key) != invite.Host)
            throw DirectException.Handshake();
        _transcript.Absorb("host introduction", host.Encode());
        Proof.Check(ref reader, _transcript, keys, host.Key, "host");
        if (!reader.AtEnd)
            throw DirectException.Malformed("a signature");
        return Conclude(host, keys, offer);
    }

    public void Dispose() => _keys?.Dispose();

    private (byte[] JoinAuth, HandshakeResult Result) Conclude(Introduction host, HandshakeKeys keys, HostOffer offer)
    {
        var context = _transcript.Hash.ToArray();
        var proof = Proof.Make(_transcript, keys, self, "join");
        var code = SpokenCode.From(crypto, host.Key, self.Public.Key, host.Nonce, _nonce);
        var peer = PublicIdentity.Create(crypto, host.Key, host.Name);
        var result = new HandshakeResult(keys.Root(_transcript), _transcript.Hash.ToArray(), peer, code, offer.Method, invite is not null);
        return (keys.Seal("join auth", context, proof), result);
    }
}
