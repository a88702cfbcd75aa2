using Sotto.Direct.Exchange;
using Sotto.Direct.Handshake;
using Sotto.Direct.Links;

namespace Sotto.Direct.Conversations;

/// <summary>How a connection of a conversation ended.</summary>
internal abstract record RunEnd
{
    private RunEnd()
    {
    }

    /// <summary>Both said goodbye, or this side had and nothing was on its way.</summary>
    public sealed record Polite : RunEnd;

    /// <summary>The network failed, or the peer went silent or broke the rules. It may come back.</summary>
    public sealed record Lost(DirectException Why) : RunEnd;

    /// <summary>The peer refused to go on.</summary>
    public sealed record Refused(RefusalReason Reason) : RunEnd;

    /// <summary>A newer connection of the same peer took over, or the program ends.</summary>
    public sealed record Stopped : RunEnd;
}

/// <summary>
/// One conversation on one connection: a loop that receives, a loop that sends, and a clock that notices silence. Ends when
/// either loop does.
/// </summary>
internal sealed class ConversationRun(Conversation conversation, Link link, DirectRole role, IKeyExchange? exchange, TimeProvider time) : IDisposable
{
    /// <summary>A new exchange begins after so many messages in both directions together, or after <see cref="ExchangeAge"/>.</summary>
    public const int ExchangeMessages = 1000;

    /// <summary>A peer that lets this many messages pass without a new exchange is not followed any further.</summary>
    public const int MaxMessages = 1 << 16;

    public static readonly TimeSpan ExchangeAge = TimeSpan.FromHours(1);

    /// <summary>Reading stops while this many lines wait to be shown, and TCP holds the peer back.</summary>
    private const int MaxUnshown = 4096;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan PingAfter = TimeSpan.FromSeconds(11);
    private static readonly TimeSpan SilentAfter = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan ConfirmAfter = TimeSpan.FromMilliseconds(20);

    private readonly ConversationSender _sender = new(conversation, link);
    private readonly CancellationTokenSource _stop = new();
    private ConversationReceiver? _receiver;
    private long _lastHeard = time.GetTimestamp();
    private long _lastSent = time.GetTimestamp();
    private long _lastExchange = time.GetTimestamp();
    private int _roundsSeen;
    private bool _offering;
    private volatile bool _reading;
    private volatile bool _refusing;
    private volatile bool _pinging;
    private volatile DirectException? _broken;

    /// <summary>Runs until the connection ends. The link is the caller's to dispose.</summary>
    /// <param name="peerKnowsUpTo">The last line that the peer was told is shown here.</param>
    /// <param name="cancellationToken">Ends the run as <see cref="RunEnd.Stopped"/>.</param>
    public async Task<RunEnd> RunAsync(long peerKnowsUpTo, CancellationToken cancellationToken)
    {
        _receiver = new(conversation, link, _sender, role);
        _sender.StartFrom(peerKnowsUpTo);
        conversation.Files.Reattach(_sender);
        conversation.Wake.Set();
        using var registration = cancellationToken.Register(_stop.Cancel);
        using var clock = time.CreateTimer(_ => OnTick(), null, Tick, Tick);
        using var confirmations = time.CreateTimer(_ => OnConfirmationDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var failure = await RunLoopsAsync(confirmations).ConfigureAwait(false);
        _sender.DropQueue();
        _receiver.Drop();
        return Judge(failure, cancellationToken);
    }

    /// <summary>Releases what the loops waited on; both have ended.</summary>
    public void Dispose() => _stop.Dispose();

    /// <summary>Tells the peer why, and ends.</summary>
    public void Refuse(RefusalReason reason)
    {
        _sender.Queue(MessageType.Refused, [(byte)reason]);
        _refusing = true;
    }

    private async Task<Exception?> RunLoopsAsync(ITimer confirmations)
    {
        Task[] loops = [ReceiveLoopAsync(_stop.Token), SendLoopAsync(confirmations, _stop.Token)];
        var first = await Task.WhenAny(loops).ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        try
        {
            await Task.WhenAll(loops).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or DirectException or OperationCanceledException or ObjectDisposedException)
        {
            // Judged below, from the loop that ended first.
        }

        return first.Exception?.InnerException;
    }

    private bool Finished => _sender.ByeSent && _receiver!.ByeReceived;

    private RunEnd Judge(Exception? failure, CancellationToken stopped)
    {
        if (_receiver!.Refused is { } reason)
            return new RunEnd.Refused(reason);
        if (Finished || (_sender.ByeSent && conversation.IsSettled))
            return new RunEnd.Polite();
        if (stopped.IsCancellationRequested || _refusing)
            return new RunEnd.Stopped();
        return new RunEnd.Lost(_broken ?? failure as DirectException ?? new DirectException(DirectFailure.ConnectionLost, "The connection was cut.", failure));
    }

    private async Task ReceiveLoopAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            while (HandleNext(out var happened))
            {
                if (happened is not null)
                    conversation.Publish(happened);
                if (_receiver!.Refused is not null)
                    return;
                while (conversation.Received - conversation.Shown > MaxUnshown)
                    await conversation.LinesWereShown.WaitAsync(cancellationToken).ConfigureAwait(false);
            }

            _reading = true;
            var more = await link.FillAsync(cancellationToken).ConfigureAwait(false);
            _reading = false;
            _lastHeard = time.GetTimestamp();
            if (!more)
                return;
        }
    }

    private bool HandleNext(out DirectEvent? happened)
    {
        happened = null;
        if (!link.TryTake(out var message))
            return false;
        if (link.Count > MaxMessages)
            throw new DirectException(DirectFailure.HandshakeRefused, "The other side does not renew its keys.");
        happened = _receiver!.Handle(message);
        if (link.Rounds.Finished != _roundsSeen)
        {
            (_roundsSeen, _offering) = (link.Rounds.Finished, false);
            _lastExchange = time.GetTimestamp();
        }

        return true;
    }

    private async Task SendLoopAsync(ITimer confirmations, CancellationToken cancellationToken)
    {
        while (true)
        {
            BeginExchangeWhenDue(cancellationToken);
            if (_sender.SealPending())
            {
                await link.FlushAsync(cancellationToken).ConfigureAwait(false);
                _lastSent = time.GetTimestamp();
                _pinging = false;
                continue;
            }

            if (Finished || _refusing)
                return;
            if (_sender.Unconfirmed > 0)
                confirmations.Change(ConfirmAfter, Timeout.InfiniteTimeSpan);
            await conversation.Wake.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void BeginExchangeWhenDue(CancellationToken cancellationToken)
    {
        if (exchange is null || _offering || _sender.ByeSent)
            return;
        if (link.Count < ExchangeMessages && time.GetElapsedTime(_lastExchange) < ExchangeAge)
            return;
        _offering = true;
        _ = OfferAsync(cancellationToken);
    }

    private async Task OfferAsync(CancellationToken cancellationToken)
    {
        try
        {
            var offer = await exchange!.OfferAsync(cancellationToken).ConfigureAwait(false);
            _receiver!.ExpectsAnswer = true;
            _sender.Queue(MessageType.ExchangeOffer, link.Rounds.Offer(offer));
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The connection ended meanwhile.
        }
    }

    private void OnTick()
    {
        if (_reading && time.GetElapsedTime(_lastHeard) >= SilentAfter)
        {
            _broken = new DirectException(DirectFailure.ConnectionLost, "Nothing was heard from the other side for 25 seconds.");
            _stop.Cancel();
        }
        else if (!_pinging && time.GetElapsedTime(_lastSent) >= PingAfter)
        {
            _pinging = true;
            _sender.Queue(MessageType.Ping);
        }

        conversation.Wake.Set();
    }

    private void OnConfirmationDue()
    {
        _sender.ConfirmationDue = true;
        conversation.Wake.Set();
    }
}
