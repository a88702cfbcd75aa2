using Sotto.Crypto;
using Sotto.Direct.Exchange;
using Sotto.Direct.Identities;
using Sotto.Direct.Invites;
using Sotto.Direct.Wire;

namespace Sotto.Direct.Handshake;

/// <summary>
/// The host's side, pure: bytes in, bytes out. In time order:
/// 1. take the joiner's hello; 2. offer a public key and commit to the own nonce and identity; 3. open the reply: the shared
/// secret, the joiner's nonce and identity; 4. open the commitment, sign, finish; 5. check the joiner's signature and finish.
/// </summary>
internal sealed class HostHandshake(ICryptoProvider crypto, Identity self, IExchangeOffer offer, Func<ReadOnlyMemory<byte>, DirectInvite?> findInvite) : IDisposable
{
    private readonly Transcript _transcript = new(crypto);
    private readonly byte[] _nonce = new byte[Introduction.NonceLength];
    private DirectInvite? _invite;
    private HandshakeKeys? _keys;
    private Introduction? _peer;

    /// <summary>The invite that the joiner named, once <see cref="Offer"/> has run.</summary>
    public DirectInvite? Invite => _invite;

    /// <summary>Steps 1 and 2.</summary>
    public byte[] Offer(ReadOnlySpan<byte> joinHello)
    {
        var hello = JoinHello.Decode(joinHello);
        if (!hello.Methods.Contains(offer.Method))
            throw new DirectException(DirectFailure.Unsupported, "The other side does not take this host's key exchange.");
        if (hello.InviteTag is not null)
            _invite = findInvite(hello.InviteTag) ?? throw new DirectException(DirectFailure.InviteUnknown, "Somebody came with an invite that this host did not make, or made in an earlier run.");
        crypto.FillRandom(_nonce);
        var bytes = new HostOffer(offer.Method, offer.PublicKey.ToArray(), Commitment.To(crypto, _nonce, self.Public.Key)).Encode();
        _transcript.Absorb("join hello", joinHello);
        _transcript.Absorb("host offer", bytes);
        return bytes;
    }

    /// <summary>Steps 3 and 4.</summary>
    public byte[] Authenticate(ReadOnlySpan<byte> joinReply)
    {
        var reply = JoinReply.Decode(joinReply);
        _transcript.Absorb("ciphertext", reply.Ciphertext);
        using (var exchanged = offer.Accept(reply.Ciphertext))
            _keys = new(crypto, _invite?.Secret, exchanged);
        var introduction = _keys.Open("join introduction", _transcript.Hash, reply.Introduction) ?? throw DirectException.Handshake();
        var reader = new WireReader(introduction);
        _peer = Introduction.Decode(ref reader);
        if (!reader.AtEnd)
            throw DirectException.Malformed("an introduction");
        _transcript.Absorb("join introduction", introduction);
        return SignAndFinish();
    }

    /// <summary>Step 5. The caller disposes the result.</summary>
    public HandshakeResult Finish(ReadOnlySpan<byte> joinAuth)
    {
        var (keys, peer) = (_keys!, _peer!);
        var opened = keys.Open("join auth", _transcript.Hash, joinAuth) ?? throw DirectException.Handshake();
        var reader = new WireReader(opened);
        Proof.Check(ref reader, _transcript, keys, peer.Key, "join");
        if (!reader.AtEnd)
            throw DirectException.Malformed("a signature");
        var code = SpokenCode.From(crypto, self.Public.Key, peer.Key, _nonce, peer.Nonce);
        return new(keys.Root(_transcript), _transcript.Hash.ToArray(), PublicIdentity.Create(crypto, peer.Key, peer.Name), code, offer.Method, _invite is not null);
    }

    public void Dispose() => _keys?.Dispose();

    private byte[] SignAndFinish()
    {
        var context = _transcript.Hash.ToArray();
        var introduction = new Introduction(_nonce, self.Public.Key.ToArray(), self.Public.Name).Encode();
        _transcript.Absorb("host introduction", introduction);
        var proof = Proof.Make(_transcript, _keys!, self, "host");
        return _keys!.Seal("host auth", context, [.. introduction, .. proof]);
    }
}
