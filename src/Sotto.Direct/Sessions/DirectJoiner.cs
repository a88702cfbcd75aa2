using Polly;
using Polly.Retry;
using Sotto.Direct.Conversations;
using Sotto.Direct.Handshake;
using Sotto.Direct.Invites;
using Sotto.Direct.Links;

namespace Sotto.Direct.Sessions;

/// <summary>
/// The side that connects. In time order: find the host at one of its addresses, prove each other, resume or begin the
/// conversation, run it; when the connection is lost, the same again until it is back.
/// </summary>
public sealed class DirectJoiner : DirectSession
{
    private readonly JoinSettings _join;
    private readonly HostConnector _connector;
    private readonly ResiliencePipeline _again;
    private bool _began;

    /// <summary>A joiner; nothing happens before it is run.</summary>
    public DirectJoiner(DirectSettings settings, JoinSettings join)
        : base(settings, settings is { EndsWithPeer: true })
    {
        ArgumentNullException.ThrowIfNull(join);
        _join = join;
        _connector = new(settings, HandshakeLimit);
        _again = Retrying(settings.Time, join.GiveUpAfter);
    }

    private protected override async Task<DirectException?> RunCoreAsync(CancellationToken cancellationToken)
    {
        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _ = CancelWhenLeavingAsync(leaving, abandoned);
        var (link, theirs) = await EnterAsync(_join.Invite, leaving.Token).ConfigureAwait(false);
        while (true)
        {
            RunEnd end;
            await using (link.ConfigureAwait(false))
                end = await ConverseAsync(link, theirs, abandoned.Token).ConfigureAwait(false);
            switch (end)
            {
                case RunEnd.Polite:
                    Publish(new PeerLeft(Conversation.Peer!));
                    return null;
                case RunEnd.Refused refused:
                    return FirstMessage.Meaning(refused.Reason, Conversation.Peer!.Name);
                case RunEnd.Lost lost when !leaving.IsCancellationRequested:
                    Publish(new PeerDropped(Conversation.Peer!, lost.Why.Message));
                    break;
                case RunEnd.Lost lost:
                    return lost.Why;
                default:
                    return CodeRefused ? OwnRefusal() : Conversation.Leaving ? NoGoodbye() : null;
            }

            (link, theirs) = await ReturnAsync(leaving.Token).ConfigureAwait(false);
        }
    }

    private protected override ValueTask DisposeCoreAsync() => ValueTask.CompletedTask;

    /// <summary>Connects, proves and exchanges the first messages.</summary>
    private async Task<(Link Link, ResumeMessage Theirs)> EnterAsync(DirectInvite? invite, CancellationToken cancellationToken)
    {
        try
        {
            var (link, address) = await _connector.ConnectAsync(_join.Addresses, invite, Check, cancellationToken).ConfigureAwait(false);
            try
            {
                using var limit = new CancellationTokenSource(HandshakeLimit, Settings.Time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
                var peer = Recognise(link.Handshake);
                Conversation.Peer = Conversation.Peer is { IsVerified: true } before ? before : peer;
                ResumeMessage.Of(Conversation, _began).Seal(link);
                await link.FlushAsync(either.Token).ConfigureAwait(false);
                var theirs = await FirstMessage.ReadAsync(link, either.Token).ConfigureAwait(false);
                if (peer.Verification != Verification.Self)
                    Settings.Peers.Remember(peer.Identity, peer.IsVerified, address.ToString());
                return (link, theirs);
            }
            catch
            {
                await link.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            throw new DirectException(DirectFailure.ConnectionLost, cancellationToken.IsCancellationRequested ? "You left before the host answered." : "The host did not answer.", e);
        }
    }

    private void Check(HandshakeResult proven, HostAddress address)
    {
        if (_began && !proven.Peer.Equals(Conversation.Peer!.Identity))
            throw new DirectException(DirectFailure.KeyChanged, $"Somebody else than {Conversation.Peer.Name} now answers at {address}. Nothing was sent to them.");
        if (!proven.Peer.Equals(Settings.Self.Public))
            Settings.Peers.Check(proven.Peer, proven.ByInvite ? null : address.ToString(), proven.ByInvite);
        if (Settings.OnlyVerified && !_began && !Recognise(proven).IsVerified)
            throw new DirectException(DirectFailure.HandshakeRefused, $"Nobody here can compare a code, and {address} is not known. Nothing was sent. Use an invite, compare the code once in a terminal, or say --allow-unverified.");
    }

    private async Task<RunEnd> ConverseAsync(Link link, ResumeMessage theirs, CancellationToken cancellationToken)
    {
        var same = _began && theirs.HasConversation && theirs.Conversation.Span.SequenceEqual(Conversation.Id);
        if (same)
        {
            if (!Conversation.Outbox.TryConfirm(theirs.Shown))
                return new RunEnd.Lost(DirectException.Malformed("a confirmation"));
            Publish(new LinesShown(theirs.Shown));
            Publish(new PeerReturned(Conversation.Peer!, Conversation.Outbox.Rewind()));
        }
        else
        {
            var again = Conversation.StartAnew(theirs.Conversation.Span);
            Publish(_began ? new PeerStartedAnew(Conversation.Peer!, again) : Joined(link.Handshake, theirs));
        }

        _began = true;
        var end = await RunOnAsync(link, DirectRole.Joiner, null, Conversation.Shown, cancellationToken).ConfigureAwait(false);
        if (end is RunEnd.Polite or RunEnd.Stopped)
            await link.CloseAsync(cancellationToken).ConfigureAwait(false);
        return end;
    }

    private async Task<(Link Link, ResumeMessage Theirs)> ReturnAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _again.ExecuteAsync(async token => await EnterAsync(null, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or Polly.Timeout.TimeoutRejectedException)
        {
            throw new DirectException(DirectFailure.ConnectionLost, "The host did not come back.", e);
        }
    }

    private ResiliencePipeline Retrying(TimeProvider time, TimeSpan? giveUpAfter)
    {
        var builder = new ResiliencePipelineBuilder { TimeProvider = time };
        if (giveUpAfter is { } limit)
            builder.AddTimeout(limit);
        return builder.AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<DirectException>(failure => failure.Failure is DirectFailure.ConnectionLost or DirectFailure.Busy),
            MaxRetryAttempts = int.MaxValue,
            Delay = TimeSpan.FromMilliseconds(500),
            MaxDelay = TimeSpan.FromSeconds(10),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            OnRetry = retry =>
            {
                Publish(new Reconnecting(retry.AttemptNumber + 1));
                return default;
            },
        }).Build();
    }

    private async Task CancelWhenLeavingAsync(CancellationTokenSource leaving, CancellationTokenSource abandoned)
    {
        try
        {
            await LeaveAsked.WaitAsync(leaving.Token).ConfigureAwait(false);
            await leaving.CancelAsync().ConfigureAwait(false);
            await Task.Delay(GoodbyeLimit, Settings.Time, abandoned.Token).ConfigureAwait(false);
            await abandoned.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The session ended first.
        }
    }
}
