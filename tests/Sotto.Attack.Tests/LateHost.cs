using Sotto.Crypto;
using Sotto.Direct.Exchange;
using Sotto.Direct.Handshake;
using Sotto.Direct.Identities;
using Sotto.Direct.Wire;

namespace Sotto.Attack.Tests;

/// <summary>
/// A host that does not play fair: it may show another's identity key, and chooses its nonce only after it has seen the
/// joiner's. Everything else it does as the protocol says.
/// </summary>
internal sealed class LateHost(ICryptoProvider crypto, Identity self, PublicIdentity? shown = null) : IDisposable
{
    private readonly Transcript _transcript = new(crypto);
    private readonly IExchangeOffer _offer = new XWingExchange(crypto).OfferAsync(default).AsTask().Result;
    private readonly byte[] _committedNonce = new byte[Introduction.NonceLength];

    private PublicIdentity Shown => shown ?? self.Public;

    public byte[] Offer(byte[] joinHello)
    {
        crypto.FillRandom(_committedNonce);
        var bytes = new HostOffer(_offer.Method, _offer.PublicKey.ToArray(), Commitment.To(crypto, _committedNonce, Shown.Key)).Encode();
        _transcript.Absorb("join hello", joinHello);
        _transcript.Absorb("host offer", bytes);
        return bytes;
    }

    /// <summary>Answers with the committed nonce, or with one that leads to the wanted code.</summary>
    public byte[] Authenticate(byte[] joinReply, SpokenCode? wanted)
    {
        var reply = JoinReply.Decode(joinReply);
        _transcript.Absorb("ciphertext", reply.Ciphertext);
        using var exchanged = _offer.Accept(reply.Ciphertext);
        using var keys = new HandshakeKeys(crypto, null, exchanged);
        var introduction = keys.Open("join introduction", _transcript.Hash, reply.Introduction)!;
        _transcript.Absorb("join introduction", introduction);
        var reader = new WireReader(introduction);
        var joiner = Introduction.Decode(ref reader);
        var nonce = wanted is { } code ? Search(joiner, code) : _committedNonce;
        var context = _transcript.Hash.ToArray();
        var own = new Introduction(nonce, Shown.Key.ToArray(), Shown.Name).Encode();
        _transcript.Absorb("host introduction", own);
        return keys.Seal("host auth", context, [.. own, .. Proof.Make(_transcript, keys, self, "host")]);
    }

    public void Dispose() => _offer.Dispose();

    /// <summary>About a million tries: what the commitment takes away.</summary>
    private byte[] Search(Introduction joiner, SpokenCode wanted)
    {
        byte[]? found = null;
        var key = Shown.Key.ToArray();
        Parallel.For(0L, 40_000_000, (i, state) =>
        {
            var nonce = new byte[Introduction.NonceLength];
            BitConverter.TryWriteBytes(nonce, i);
            if (SpokenCode.From(crypto, key, joiner.Key, nonce, joiner.Nonce) == wanted)
            {
                found = nonce;
                state.Stop();
            }
        });
        return found ?? throw new InvalidOperationException("No nonce leads to this code.");
    }
}
