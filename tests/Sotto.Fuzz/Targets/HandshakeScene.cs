using Sotto.Crypto;
using Sotto.Direct.Exchange;
using Sotto.Direct.Handshake;
using Sotto.Direct.Identities;
using Sotto.Direct.Invites;

namespace Sotto.Fuzz.Targets;

/// <summary>The messages of a handshake in their order.</summary>
internal enum HandshakeStep
{
    JoinHello,
    HostOffer,
    JoinReply,
    HostAuth,
    JoinAuth,
}

/// <summary>
/// Two people in the middle of a handshake, which is the same each time because its randomness is. A message that does not
/// open leaves a handshake as it was, so the one that waits for it is kept for the next input: that saves the costly
/// key exchange and signatures.
/// </summary>
internal sealed class HandshakeScene
{
    private const int HostSeed = 11, JoinSeed = 12;

    private readonly FixedRandom _random = new(10);
    private readonly ICryptoProvider _crypto;
    private readonly Identity _hostSelf;
    private readonly Identity _joinSelf;
    private readonly DirectInvite? _invite;
    private readonly OfferOfOneKey _offer;
    private readonly HandshakeKeys _keys;
    private readonly Dictionary<HandshakeStep, byte[]> _messages = [];
    private readonly Dictionary<HandshakeStep, (byte[] Plaintext, byte[] Context, string Label)> _insides = [];
    private HostHandshake? _waitingHost;
    private JoinHandshake? _waitingJoin;

    public HandshakeScene(bool withInvite)
    {
        _crypto = _random.Provider();
        _hostSelf = Identity.FromSeed(_crypto, Secret.CopyOf([.. Enumerable.Repeat((byte)1, Sizes.Ed25519Seed)]), "Alice");
        _joinSelf = Identity.FromSeed(_crypto, Secret.CopyOf([.. Enumerable.Repeat((byte)2, Sizes.Ed25519Seed)]), "Bob");
        _invite = withInvite ? DirectInvite.Create(_crypto, _hostSelf.Public, [new HostAddress("127.0.0.1", 7787)]) : null;
        using var exchange = new XWingExchange(_crypto);
        _offer = new(exchange.OfferAsync(default).AsTask().GetAwaiter().GetResult());
        WriteMessages();
        _keys = new(_crypto, _invite?.Secret, _offer.Shared);
        WriteInsides();
    }

    public byte[] TrueMessage(HandshakeStep step) => _messages[step];

    public byte[] TruePlaintext(HandshakeStep step) => _insides[step].Plaintext;

    public byte[] Seal(HandshakeStep step, ReadOnlySpan<byte> plaintext)
    {
        var (_, context, label) = _insides[step];
        var ciphertext = _keys.Seal(label, context, plaintext);
        return step == HandshakeStep.JoinReply ? new JoinReply(_offer.Ciphertext, ciphertext).Encode() : ciphertext;
    }

    /// <summary>Brings one side to a step and gives it a message.</summary>
    /// <param name="step">Whose turn it is.</param>
    /// <param name="message">The message.</param>
    /// <param name="plaintext">What is inside, when it was sealed under the right keys.</param>
    public void Take(HandshakeStep step, ReadOnlySpan<byte> message, ReadOnlySpan<byte> plaintext)
    {
        switch (step)
        {
            case HandshakeStep.JoinHello:
                using (var host = NewHost())
                    host.Offer(message);
                break;
            case HandshakeStep.HostOffer:
                using (var join = NewJoin())
                    ReplyTo(join, message);
                break;
            case HandshakeStep.JoinReply:
                using (var host = NewHost())
                {
                    Offer(host);
                    host.Authenticate(message);
                }

                break;
            case HandshakeStep.HostAuth:
                FinishJoin(message, plaintext);
                break;
            default:
                FinishHost(message, plaintext);
                break;
        }
    }

    /// <summary>The joiner's state changes once the host's nonce and key are the ones that the host committed to.</summary>
    private void FinishJoin(ReadOnlySpan<byte> message, ReadOnlySpan<byte> plaintext)
    {
        const int committed = 64;
        if (_waitingJoin is null)
            ReplyTo(_waitingJoin = NewJoin(), TrueMessage(HandshakeStep.HostOffer));
        var join = _waitingJoin;
        if (plaintext.StartsWith(TruePlaintext(HandshakeStep.HostAuth).AsSpan(0, committed)) || message.SequenceEqual(TrueMessage(HandshakeStep.HostAuth)))
            _waitingJoin = null;
        try
        {
            join.Finish(message).Result.Dispose();
        }
        finally
        {
            if (_waitingJoin is null)
                join.Dispose();
        }
    }

    /// <summary>The host's state changes once the joiner's signature is good.</summary>
    private void FinishHost(ReadOnlySpan<byte> message, ReadOnlySpan<byte> plaintext)
    {
        const int signature = 64;
        if (_waitingHost is null)
        {
            Offer(_waitingHost = NewHost());
            _waitingHost.Authenticate(TrueMessage(HandshakeStep.JoinReply));
        }

        var host = _waitingHost;
        if (plaintext.StartsWith(TruePlaintext(HandshakeStep.JoinAuth).AsSpan(0, signature)) || message.SequenceEqual(TrueMessage(HandshakeStep.JoinAuth)))
            _waitingHost = null;
        try
        {
            host.Finish(message).Dispose();
        }
        finally
        {
            if (_waitingHost is null)
                host.Dispose();
        }
    }

    private HostHandshake NewHost() => new(_crypto, _hostSelf, _offer, tag => _invite is not null && tag.Span.SequenceEqual(_invite.Tag(_crypto)) ? _invite : null);

    private JoinHandshake NewJoin()
    {
        var join = new JoinHandshake(_crypto, _joinSelf, _invite);
        join.Hello();
        return join;
    }

    private byte[] Offer(HostHandshake host)
    {
        _random.Restart(HostSeed);
        return host.Offer(TrueMessage(HandshakeStep.JoinHello));
    }

    private byte[] ReplyTo(JoinHandshake join, ReadOnlySpan<byte> hostOffer)
    {
        _random.Restart(JoinSeed);
        return join.Reply(hostOffer);
    }

    private void WriteMessages()
    {
        using var host = NewHost();
        using var join = new JoinHandshake(_crypto, _joinSelf, _invite);
        _messages[HandshakeStep.JoinHello] = join.Hello();
        _messages[HandshakeStep.HostOffer] = Offer(host);
        _messages[HandshakeStep.JoinReply] = ReplyTo(join, TrueMessage(HandshakeStep.HostOffer));
        _offer.Remember(JoinReply.Decode(TrueMessage(HandshakeStep.JoinReply)).Ciphertext);
        _messages[HandshakeStep.HostAuth] = host.Authenticate(TrueMessage(HandshakeStep.JoinReply));
        var (auth, joined) = join.Finish(TrueMessage(HandshakeStep.HostAuth));
        _messages[HandshakeStep.JoinAuth] = auth;
        using var hosted = host.Finish(auth);
        using (joined)
            FindingException.ThrowUnless(joined.Root.Equals(hosted.Root) && joined.Code == hosted.Code, "two ends, two secrets");
    }

    /// <summary>Follows the transcript, as the peer that has the keys can, and opens what was sealed.</summary>
    private void WriteInsides()
    {
        var transcript = new Transcript(_crypto);
        transcript.Absorb("join hello", TrueMessage(HandshakeStep.JoinHello));
        transcript.Absorb("host offer", TrueMessage(HandshakeStep.HostOffer));
        transcript.Absorb("ciphertext", _offer.Ciphertext);
        transcript.Absorb("join introduction", Open(HandshakeStep.JoinReply, "join introduction", transcript, JoinReply.Decode(TrueMessage(HandshakeStep.JoinReply)).Introduction));
        var host = Open(HandshakeStep.HostAuth, "host auth", transcript, TrueMessage(HandshakeStep.HostAuth));
        transcript.Absorb("host introduction", host.AsSpan(..^96));
        transcript.Absorb("host signature", host.AsSpan(^96..^32));
        transcript.Absorb("host finished", host.AsSpan(^32..));
        Open(HandshakeStep.JoinAuth, "join auth", transcript, TrueMessage(HandshakeStep.JoinAuth));
    }

    private byte[] Open(HandshakeStep step, string label, Transcript transcript, ReadOnlySpan<byte> ciphertext)
    {
        var context = transcript.Hash.ToArray();
        var plaintext = _keys.Open(label, context, ciphertext) ?? throw new FindingException($"the inside of {step} does not open");
        _insides[step] = (plaintext, context, label);
        return plaintext;
    }

    /// <summary>An X-Wing offer that remembers what the true ciphertext opens to.</summary>
    private sealed class OfferOfOneKey(IExchangeOffer offer) : IExchangeOffer
    {
        private byte[] _ciphertext = [];

        public ReadOnlySpan<byte> Ciphertext => _ciphertext;

        public Secret Shared { get; private set; } = null!;

        public ExchangeMethod Method => offer.Method;

        public ReadOnlyMemory<byte> PublicKey => offer.PublicKey;

        public void Remember(ReadOnlySpan<byte> ciphertext)
        {
            Shared = offer.Accept(ciphertext);
            _ciphertext = ciphertext.ToArray();
        }

        public Secret Accept(ReadOnlySpan<byte> ciphertext) =>
            Shared is not null && ciphertext.SequenceEqual(_ciphertext) ? Secret.CopyOf(Shared.Bytes) : offer.Accept(ciphertext);

        public void Dispose() => offer.Dispose();
    }
}
