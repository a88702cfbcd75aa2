using System.Threading.Channels;
using Sotto.Direct.Conversations;
using Sotto.Direct.Exchange;
using Sotto.Direct.Handshake;
using Sotto.Direct.Identities;
using Sotto.Direct.Links;

namespace Sotto.Direct.Sessions;

/// <summary>
/// One side of direct mode, for a program that shows it: run it, read its events, send lines. The methods may be called
/// from any thread; lines sent while nobody is there wait.
/// </summary>
public abstract class DirectSession : IAsyncDisposable
{
    /// <summary>A longer line travels in parts of this many bytes.</summary>
    public const int MaxPart = 32 * 1024;

    private protected static readonly TimeSpan HandshakeLimit = TimeSpan.FromSeconds(10);

    /// <summary>How long a goodbye waits for the other side's.</summary>
    private protected static readonly TimeSpan GoodbyeLimit = TimeSpan.FromSeconds(10);

    private readonly Channel<DirectEvent> _events = Channel.CreateUnbounded<DirectEvent>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _ended = new();
    private Conversation _conversation;
    private int _disposed;

    private protected DirectSession(DirectSettings settings, bool endsWithPeer)
    {
        Settings = settings;
        EndsWithPeer = endsWithPeer;
        _conversation = new(settings.Crypto, _events.Writer, endsWithPeer);
    }

    /// <summary>Everything that happens, in order; ends with the session. For one reader.</summary>
    public ChannelReader<DirectEvent> Events => _events.Reader;

    /// <summary>With whom the conversation is, once somebody has come.</summary>
    public DirectPeer? Peer => _conversation.Peer;

    /// <summary>The conversation's id, 16 bytes; both sides hold the same once a peer is there.</summary>
    public ReadOnlySpan<byte> ConversationId => _conversation.Id;

    private protected DirectSettings Settings { get; }

    private protected bool EndsWithPeer { get; }

    private protected Conversation Conversation => _conversation;

    private protected ConversationRun? CurrentRun { get; private set; }

    /// <summary>Wakes the session's own loop when the person leaves.</summary>
    private protected Signal LeaveAsked { get; } = new();

    /// <summary>Runs to the end of the session.</summary>
    /// <param name="cancellationToken">Ends it without goodbye.</param>
    public async Task<SessionEnd> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var failure = await RunCoreAsync(cancellationToken).ConfigureAwait(false);
            return new(_conversation.Outbox.Unconfirmed, failure);
        }
        catch (DirectException refusal)
        {
            return new(_conversation.Outbox.Unconfirmed, refusal);
        }
        finally
        {
            await _ended.CancelAsync().ConfigureAwait(false);
            _events.Writer.TryComplete();
        }
    }

    /// <summary>Sends text of any length. Returns when it is queued, which waits while too many lines are unconfirmed.</summary>
    /// <param name="text">The bytes without the line's end; copied.</param>
    /// <param name="shape">How the last of the bytes stand to a line; longer text travels in parts.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The last part's number, to compare with <see cref="LinesShown"/>.</returns>
    /// <exception cref="OperationCanceledException">The session ended.</exception>
    /// <exception cref="ObjectDisposedException">The sending side was completed, or the peer has said goodbye.</exception>
    public async ValueTask<long> SendAsync(ReadOnlyMemory<byte> text, LineShape shape, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ended.Token);
        while (text.Length > MaxPart)
        {
            var cut = TextCut.Before(text.Span, MaxPart);
            await _conversation.SendAsync(text[..cut].ToArray(), LineShape.Continues, either.Token).ConfigureAwait(false);
            text = text[cut..];
        }

        return await _conversation.SendAsync(text.ToArray(), shape, either.Token).ConfigureAwait(false);
    }

    /// <summary>Says that a line was shown; the peer learns it for this and all lines before.</summary>
    public void Acknowledge(LineReceived line)
    {
        ArgumentNullException.ThrowIfNull(line);
        _conversation.Acknowledge(line.Number);
    }

    /// <summary>No more lines will be sent. The session ends when the peer, too, is done and everything is confirmed.</summary>
    public void CompleteSending() => _conversation.CompleteSending();

    /// <summary>Says goodbye as soon as everything sent is confirmed. The session then ends on both sides.</summary>
    public void Leave()
    {
        _conversation.Leave();
        LeaveAsked.Set();
    }

    /// <summary>The person compared the spoken codes.</summary>
    /// <param name="agree">True remembers the peer as verified, false ends the conversation.</param>
    public void AnswerCode(bool agree)
    {
        if (_conversation.Peer is not { } peer)
            return;
        if (!agree)
        {
            CodeRefused = true;
            CurrentRun?.Refuse(RefusalReason.CodeRefused);
            return;
        }

        _conversation.Peer = peer with { Verification = Verification.Code };
        Settings.Peers.Remember(peer.Identity, verified: true, address: null);
        _conversation.Publish(new PeerVerified(_conversation.Peer));
    }

    /// <summary>Offers a file to the peer.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be read.</exception>
    public int OfferFile(string path) => _conversation.Files.Offer(path);

    /// <summary>Takes an offered file into a folder.</summary>
    /// <returns>False when there is no such offer.</returns>
    /// <exception cref="IOException">The folder cannot be made or written.</exception>
    public bool AcceptFile(int file, string folder) => _conversation.Files.TryAccept(file, folder);

    /// <summary>Turns an offered file down.</summary>
    /// <returns>False when there is no such offer.</returns>
    public bool DeclineFile(int file) => _conversation.Files.TryDecline(file);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await DisposeCoreAsync().ConfigureAwait(false);
        await _ended.CancelAsync().ConfigureAwait(false);
        _conversation.Dispose();
        _ended.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected bool CodeRefused { get; private set; }

    private protected abstract Task<DirectException?> RunCoreAsync(CancellationToken cancellationToken);

    private protected abstract ValueTask DisposeCoreAsync();

    private protected void Publish(DirectEvent happened) => _conversation.Publish(happened);

    /// <summary>The next conversation of a host that stays. The one before has ended.</summary>
    private protected void BeginConversation()
    {
        _conversation.Dispose();
        _conversation = new(Settings.Crypto, _events.Writer, EndsWithPeer);
    }

    /// <summary>Who the handshake proved, under the name that is remembered.</summary>
    private protected DirectPeer Recognise(HandshakeResult handshake)
    {
        var identity = handshake.Peer;
        if (identity.Equals(Settings.Self.Public))
            return new(identity, Verification.Self);
        var known = Settings.Peers.Find(identity);
        if (known is not null)
            identity = PublicIdentity.Create(Settings.Crypto, identity.Key, known.Name);
        var verification = handshake.ByInvite ? Verification.Invite : known is { Verified: true } ? Verification.Remembered : Verification.None;
        return new(identity, verification);
    }

    /// <summary>Says on events what a resumption means, and runs the conversation on the link.</summary>
    private protected async Task<RunEnd> RunOnAsync(Link link, DirectRole role, IKeyExchange? exchange, long peerKnowsUpTo, CancellationToken cancellationToken)
    {
        using var run = new ConversationRun(_conversation, link, role, exchange, Settings.Time);
        CurrentRun = run;
        var end = await run.RunAsync(peerKnowsUpTo, cancellationToken).ConfigureAwait(false);
        CurrentRun = null;
        return end;
    }

    private protected static DirectException NoGoodbye() => new(DirectFailure.ConnectionLost, "The other side did not answer the goodbye.");

    private protected static DirectException OwnRefusal() =>
        new(DirectFailure.CodeRefused, "You said that the spoken codes differ. The conversation has ended; somebody may be in between.");

    private protected PeerJoined Joined(HandshakeResult handshake, ResumeMessage peers)
    {
        var peer = _conversation.Peer!;
        var known = peer.Verification == Verification.Self || (peer.IsVerified && peers.HasVerifiedYou);
        return new(peer, handshake.Method, known ? null : handshake.Code, peers.HasVerifiedYou);
    }
}
