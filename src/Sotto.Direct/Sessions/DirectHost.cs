using Sotto.Direct.Conversations;
using Sotto.Direct.Exchange;
using Sotto.Direct.Handshake;
using Sotto.Direct.Invites;
using Sotto.Direct.Links;

namespace Sotto.Direct.Sessions;

/// <summary>
/// The side that listens. One loop decides everything, in turn: who has come, how the running connection ended, whether the
/// person leaves. One peer at a time; the same peer on a new connection takes over from its old one.
/// </summary>
public sealed class DirectHost : DirectSession
{
    /// <summary>How long the place of a peer whose connection was lost is kept for it.</summary>
    public static readonly TimeSpan PlaceKept = TimeSpan.FromMinutes(5);

    private readonly HostSettings _host;
    private readonly IKeyExchange _exchange;
    private readonly Arrivals _arrivals;
    private readonly InviteDesk _invites;
    private readonly IReadOnlyList<HostAddress> _addresses;
    private readonly NoticeLimit _notices;
    private Running? _running;
    private long _droppedAt;

    /// <summary>A host that listens at once and answers when it is run.</summary>
    /// <exception cref="DirectException">The port is in use, or the address is not this machine's.</exception>
    public DirectHost(DirectSettings settings, HostSettings host)
        : base(settings, settings is { EndsWithPeer: true } || host is { Keep: true })
    {
        ArgumentNullException.ThrowIfNull(host);
        _host = host;
        _exchange = host.Method == ExchangeMethod.Rsa ? new RsaExchange(settings.Crypto, settings.Time) : new XWingExchange(settings.Crypto);
        _invites = new(settings.Crypto);
        _notices = new(settings.Time);
        _arrivals = new(settings, host, _exchange, _invites.Find, HandshakeLimit) { Refused = OnRefused };
        _addresses = Reachable.Addresses(host.Address, _arrivals.Port, host.Public);
    }

    /// <summary>The port that is listened on.</summary>
    public int Port => _arrivals.Port;

    private protected override async Task<DirectException?> RunCoreAsync(CancellationToken cancellationToken)
    {
        _arrivals.Start();
        Announce();
        var arrival = NextArrival(cancellationToken);
        Task leave = LeaveAsked.WaitAsync(cancellationToken).AsTask();
        Task goodbye = new TaskCompletionSource().Task;
        var leaving = false;
        while (true)
        {
            Task running = _running?.End ?? goodbye;
            await Task.WhenAny(arrival, leave, running, goodbye).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            if (_running is { End.IsCompleted: true } && await ConcludeAsync().ConfigureAwait(false) is { } over)
                return over.Failure;
            if (leave.IsCompleted)
                (leaving, leave, goodbye) = (true, new TaskCompletionSource().Task, Task.Delay(GoodbyeLimit, Settings.Time, cancellationToken));
            if (leaving && (_running is null || goodbye.IsCompleted))
                return await AbandonAsync().ConfigureAwait(false);
            if (!arrival.IsCompleted)
                continue;
            await ReceiveAsync(await arrival.ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            arrival = NextArrival(cancellationToken);
        }
    }

    private protected override async ValueTask DisposeCoreAsync()
    {
        await AbandonAsync().ConfigureAwait(false);
        await _arrivals.DisposeAsync().ConfigureAwait(false);
        _invites.Dispose();
        _exchange.Dispose();
    }

    private Task<Arrival> NextArrival(CancellationToken cancellationToken) => _arrivals.Arrived.ReadAsync(cancellationToken).AsTask();

    private void Announce() => Publish(new WaitingForPeer(_addresses, _host.Address?.ToString(), Port, _invites.Issue(Settings.Self.Public, _addresses)));

    private void OnRefused(DirectException refusal)
    {
        if (_notices.Allows(refusal.Failure))
            Publish(new VisitorRefused(refusal.Failure, refusal.Message));
    }

    private async Task ReceiveAsync(Arrival arrival, CancellationToken cancellationToken)
    {
        var peer = Recognise(arrival.Link.Handshake);
        if (Judge(arrival, peer) is { } refusal)
        {
            OnRefused(refusal.Notice);
            _ = TurnAwayAsync(arrival.Link, refusal.Reason, cancellationToken);
            return;
        }

        await AbandonAsync().ConfigureAwait(false);
        if (arrival.Invite is { } invite)
            _invites.MarkUsed(invite, peer.Identity);
        if (peer.Verification != Verification.Self)
            Settings.Peers.Remember(peer.Identity, peer.IsVerified, address: null);
        Begin(arrival, peer);
    }

    private Refusal? Judge(Arrival arrival, DirectPeer peer)
    {
        if (arrival.Invite is { } invite && _invites.UsedBy(invite) is { } user && !user.Equals(peer.Identity))
            return new(RefusalReason.InviteUsed, new(DirectFailure.InviteUsed, $"{peer.Name} came with an invite that {user.Name} has already used. They were turned away."));
        if (IsTaken(peer))
            return new(RefusalReason.Busy, new(DirectFailure.Busy, $"{peer.Name} wanted to talk and was told that you are busy."));
        if (Settings.OnlyVerified && !peer.IsVerified)
            return new(RefusalReason.NotVerified, new(DirectFailure.HandshakeRefused, $"{peer.Name} came without an invite and is not known; they were turned away. (--allow-unverified lets them in.)"));
        try
        {
            if (peer.Verification != Verification.Self)
                Settings.Peers.Check(arrival.Link.Handshake.Peer, address: null, arrival.Link.Handshake.ByInvite);
        }
        catch (DirectException changed) when (changed.Failure == DirectFailure.KeyChanged)
        {
            return new(RefusalReason.KeyChanged, changed);
        }

        return null;
    }

    private bool IsTaken(DirectPeer peer)
    {
        if (Conversation.Peer is not { } present || present.Identity.Equals(peer.Identity))
            return false;
        return _running is not null || Settings.Time.GetElapsedTime(_droppedAt) < PlaceKept;
    }

    private void Begin(Arrival arrival, DirectPeer peer)
    {
        var present = Conversation.Peer;
        var same = present is not null && present.Identity.Equals(peer.Identity);
        if (present is not null && !same)
            BeginConversation();
        Conversation.Peer = same && present!.IsVerified ? present : peer;
        Publish(Entered(arrival, same));
        ResumeMessage.Of(Conversation, hasConversation: true).Seal(arrival.Link);
        var stop = new CancellationTokenSource();
        var end = RunOnAsync(arrival.Link, DirectRole.Host, _exchange, Conversation.Shown, stop.Token);
        _running = new(arrival.Link, end, stop);
    }

    private DirectEvent Entered(Arrival arrival, bool same)
    {
        var theirs = arrival.Resume;
        if (!same)
            return Joined(arrival.Link.Handshake, theirs);
        var known = theirs.HasConversation && theirs.Conversation.Span.SequenceEqual(Conversation.Id);
        return known && Conversation.Outbox.TryConfirm(theirs.Shown)
            ? new PeerReturned(Conversation.Peer!, Conversation.Outbox.Rewind())
            : new PeerStartedAnew(Conversation.Peer!, Conversation.StartAnew(default));
    }

    /// <summary>The running connection has ended; null when the session goes on.</summary>
    private async Task<Over?> ConcludeAsync()
    {
        var running = _running!;
        _running = null;
        var end = await running.End.ConfigureAwait(false);
        if (end is RunEnd.Polite or RunEnd.Stopped)
            await running.Link.CloseAsync(CancellationToken.None).ConfigureAwait(false);
        await running.DisposeAsync().ConfigureAwait(false);
        var peer = Conversation.Peer!;
        switch (end)
        {
            case RunEnd.Polite:
                Publish(new PeerLeft(peer));
                return AfterConversation(null);
            case RunEnd.Refused refused:
                return AfterConversation(FirstMessage.Meaning(refused.Reason, peer.Name));
            case RunEnd.Lost lost when Conversation.Leaving:
                return new(lost.Why);
            case RunEnd.Lost lost:
                _droppedAt = Settings.Time.GetTimestamp();
                Publish(new PeerDropped(peer, lost.Why.Message));
                return null;
            default:
                return AfterConversation(CodeRefused ? OwnRefusal() : null);
        }
    }

    private Over? AfterConversation(DirectException? failure)
    {
        if (!_host.Keep || Conversation.Leaving)
            return new(failure);
        if (failure is not null)
            OnRefused(failure);
        BeginConversation();
        Announce();
        return null;
    }

    /// <summary>Ends the running connection, if there is one, without goodbye.</summary>
    private async Task<DirectException?> AbandonAsync()
    {
        if (_running is not { } running)
            return null;
        _running = null;
        await running.Stop.CancelAsync().ConfigureAwait(false);
        await running.End.ConfigureAwait(false);
        await running.DisposeAsync().ConfigureAwait(false);
        return Conversation.Leaving ? NoGoodbye() : null;
    }

    private static async Task TurnAwayAsync(Link link, RefusalReason reason, CancellationToken cancellationToken)
    {
        await using (link.ConfigureAwait(false))
        {
            try
            {
                await FirstMessage.RefuseAsync(link, reason, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
            {
                // Gone already.
            }
        }
    }

    private sealed record Refusal(RefusalReason Reason, DirectException Notice);

    private sealed record Over(DirectException? Failure);

    private sealed record Running(Link Link, Task<RunEnd> End, CancellationTokenSource Stop) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Link.DisposeAsync().ConfigureAwait(false);
            Stop.Dispose();
        }
    }
}
