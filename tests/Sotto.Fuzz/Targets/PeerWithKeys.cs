using Sotto.Crypto;
using Sotto.Direct.Conversations;
using Sotto.Direct.Exchange;
using Sotto.Direct.Handshake;
using Sotto.Direct.Identities;
using Sotto.Direct.Links;
using Sotto.Direct.Wire;

namespace Sotto.Fuzz.Targets;

/// <summary>
/// The other end of a link after a good handshake. The link is kept from one input to the next and only gets fresh chains,
/// until an input has touched its rounds of exchange.
/// </summary>
internal sealed class PeerWithKeys
{
    private readonly FixedRandom _random = new(0);
    private readonly DirectRole _role;
    private readonly DirectRole _peerRole;
    private readonly Identity _self;
    private readonly Identity _peer;
    private readonly Secret _root;
    private readonly FrameWriter _wire = new();
    private readonly SendingChannel _speaking;
    private FrameReader _incoming = null!;
    private ExchangeRounds _peerRounds = null!;
    private bool _used = true;

    public PeerWithKeys(DirectRole role)
    {
        Crypto = _random.Provider();
        (_role, _peerRole) = (role, role == DirectRole.Host ? DirectRole.Joiner : DirectRole.Host);
        _self = IdentityOf(1, "Alice");
        _peer = IdentityOf(2, "Bob");
        _root = Secret.CopyOf(new byte[Schedule.KeyLength]);
        _speaking = new(Crypto, StoppedClock.Instance, new(Crypto, _root, _peerRole));
        AsSeen = new(_peer.Public, Verification.Code);
    }

    public ICryptoProvider Crypto { get; }

    public DirectPeer AsSeen { get; }

    public Link Link { get; private set; } = null!;

    /// <summary>As after the handshake.</summary>
    public void Restart()
    {
        _random.Restart(3);
        if (_used)
            MakeLink();
        Link.FlushAsync(default).AsTask().GetAwaiter().GetResult();
        Link.SwitchReceiving(_root);
        Link.SwitchSending(_root);
        _speaking.SwitchTo(new(Crypto, _root, _peerRole));
    }

    /// <summary>Seals a message and lets the link open it.</summary>
    public Message Say(MessageType type, scoped ReadOnlySpan<byte> body)
    {
        _used |= type is MessageType.ExchangeOffer or MessageType.ExchangeAnswer;
        _wire.Clear();
        _speaking.Seal(type, body[..Math.Min(body.Length, Message.MaxBody)], _wire);
        for (var rest = _wire.Written; !rest.IsEmpty;)
        {
            var space = _incoming.Space();
            var count = Math.Min(space.Length, rest.Length);
            rest[..count].CopyTo(space);
            _incoming.Pushed(count);
            rest = rest[count..];
        }

        FindingException.ThrowUnless(Link.TryTake(out var message), "a whole frame was not taken");
        FindingException.ThrowUnless(message.Type == type && message.Body.SequenceEqual(body), "a message opened as another");
        return message;
    }

    /// <summary>This peer's true part in a new exchange.</summary>
    public Message Exchange(ConversationSender sender, ConversationReceiver receiver)
    {
        _used = true;
        using var exchange = new XWingExchange(Crypto);
        var offer = exchange.OfferAsync(default).AsTask().GetAwaiter().GetResult();
        if (_role == DirectRole.Joiner)
            return Say(MessageType.ExchangeOffer, _peerRounds.Offer(offer));
        var offered = Link.Rounds.Offer(offer);
        sender.Queue(MessageType.ExchangeOffer, offered);
        receiver.ExpectsAnswer = true;
        var (answer, root) = _peerRounds.Answer(offered);
        var message = Say(MessageType.ExchangeAnswer, answer);
        using (root)
            _speaking.SwitchTo(new(Crypto, root, _peerRole));
        return message;
    }

    private Identity IdentityOf(byte number, string name) =>
        Identity.FromSeed(Crypto, Secret.CopyOf([.. Enumerable.Repeat(number, Sizes.Ed25519Seed)]), name);

    private void MakeLink()
    {
        _peerRounds?.Dispose();
        Link?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _incoming = new(Frame.MaxHandshakeBody);
        Link = new(Crypto, StoppedClock.Instance, Stream.Null, _incoming, _role, _self, Handshake(_peer));
        using (var handshake = Handshake(_self))
            _peerRounds = new(Crypto, _peer, handshake);
        _used = false;
    }

    private HandshakeResult Handshake(Identity with) =>
        new(Secret.CopyOf(_root.Bytes), new byte[32], with.Public, default, ExchangeMethod.XWing, byInvite: false);

    private sealed class StoppedClock : TimeProvider
    {
        public static readonly StoppedClock Instance = new();

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddYears(56);
    }
}
