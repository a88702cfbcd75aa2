using Sotto.Crypto;
using Sotto.Direct.Exchange;
using Sotto.Direct.Handshake;
using Sotto.Direct.Identities;
using Sotto.Direct.Wire;

namespace Sotto.Direct.Links;

/// <summary>
/// New exchanges in mid-conversation. The host offers, the joiner answers, each signs what was said so far, and the new root
/// comes from the exchanged secret and the one before. One round at a time. The owner disposes it.
/// </summary>
internal sealed class ExchangeRounds : IDisposable
{
    private const int SignatureLength = 64;
    private readonly ICryptoProvider _crypto;
    private readonly Identity _self;
    private readonly byte[] _peerKey;
    private readonly Transcript _transcript;
    private Secret _carried;
    private IExchangeOffer? _open;

    public ExchangeRounds(ICryptoProvider crypto, Identity self, HandshakeResult handshake)
    {
        (_crypto, _self) = (crypto, self);
        _peerKey = handshake.Peer.Key.ToArray();
        _transcript = new(crypto);
        _transcript.Absorb("handshake", handshake.Transcript.Span);
        _carried = Schedule.Derive(crypto, handshake.Root, "next exchange", default);
    }

    /// <summary>How many rounds were finished.</summary>
    public int Finished { get; private set; }

    /// <summary>Host: the body of an offer, which this object takes over.</summary>
    public byte[] Offer(IExchangeOffer offer)
    {
        _open?.Dispose();
        _open = offer;
        var writer = new WireWriter(new byte[1 + 2 + offer.PublicKey.Length + SignatureLength]);
        writer.Byte((byte)offer.Method);
        writer.Vector(offer.PublicKey.Span);
        _transcript.Absorb("exchange offer", writer.Written);
        _transcript.Sign(_self, "exchange offer", writer.Take(SignatureLength));
        return writer.Written.ToArray();
    }

    /// <summary>Joiner: the body of an answer and the new root, which the caller disposes.</summary>
    public (byte[] Answer, Secret Root) Answer(ReadOnlySpan<byte> offer)
    {
        var reader = new WireReader(offer);
        var method = (ExchangeMethod)reader.Byte();
        var publicKey = reader.Vector();
        CheckSignature(ref reader, "exchange offer", offer);
        using var reply = ExchangeReply.To(_crypto, method, publicKey);
        var writer = new WireWriter(new byte[2 + reply.Ciphertext.Length + SignatureLength]);
        writer.Vector(reply.Ciphertext.Span);
        _transcript.Absorb("exchange answer", writer.Written);
        _transcript.Sign(_self, "exchange answer", writer.Take(SignatureLength));
        return (writer.Written.ToArray(), NextRoot(reply.Shared));
    }

    /// <summary>Host: the new root from the joiner's answer, which the caller disposes.</summary>
    public Secret Conclude(ReadOnlySpan<byte> answer)
    {
        using var open = _open ?? throw DirectException.Token();
        _open = null;
        var reader = new WireReader(answer);
        var ciphertext = reader.Vector();
        CheckSignature(ref reader, "exchange answer", answer);
        using var shared = open.Accept(ciphertext);
        return NextRoot(shared);
    }

    public void Dispose()
    {
        _open?.Dispose();
        _carried.Dispose();
    }

    private void CheckSignature(ref WireReader reader, string label, ReadOnlySpan<byte> body)
    {
        var signature = reader.Bytes(SignatureLength);
        if (!reader.AtEnd)
            throw DirectException.Malformed("an exchange");
        _transcript.Absorb(label, body[..^SignatureLength]);
        if (!_transcript.Verify(_peerKey, label, signature))
            throw DirectException.Handshake();
    }

    private Secret NextRoot(Secret shared)
    {
        using var mixed = Schedule.Extract(_crypto, _carried.Bytes, shared.Bytes);
        var root = Schedule.Derive(_crypto, mixed, "root", _transcript.Hash);
        _carried.Dispose();
        _carried = Schedule.Derive(_crypto, root, "next exchange", default);
        Finished++;
        return root;
    }
}
