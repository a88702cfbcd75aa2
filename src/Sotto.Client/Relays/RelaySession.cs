using Polly;
using Polly.Retry;
using Sotto.Client.Invites;
using Sotto.Client.Sending;
using Sotto.Wire;

namespace Sotto.Client.Relays;

/// <summary>
/// Everything this profile has to do with one relay. Connected, it looks at what is stored and does what is missing, again each
/// time something changes; disconnected, it waits and connects again.
/// </summary>
internal sealed class RelaySession(ClientState state, SottoClientOptions options, Bytes16 fingerprint) : IAsyncDisposable
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(200);

    private readonly Contents _contents = new(state);
    private readonly Reports _reports = new(state, new(state), options.LongestReportDelay);
    private readonly Pauses _pauses = new(state.Time);
    private readonly Lock _timing = new();
    private DateTimeOffset _next = DateTimeOffset.MaxValue;
    private ITimer? _timer;
    private readonly SemaphoreSlim _wake = new(0);
    private readonly CancellationTokenSource _ending = new();
    private Task _running = Task.CompletedTask;

    public void Start() => _running = RunAsync(_ending.Token);

    /// <summary>Something is to be done.</summary>
    public void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (ObjectDisposedException)
        {
            // The client is being closed.
        }
    }

    /// <summary>Waits until something is to be done; what was asked for several times is done once.</summary>
    public async Task WokenAsync(CancellationToken cancellationToken)
    {
        await _wake.WaitAsync(cancellationToken).ConfigureAwait(false);
        while (_wake.CurrentCount > 0)
            await _wake.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Something is to be done at a time. The earliest counts; whoever is too early then asks again.</summary>
    private void WakeAt(DateTimeOffset time)
    {
        lock (_timing)
        {
            if (time >= _next || _ending.IsCancellationRequested)
                return;
            _next = time;
            var wait = time - state.Time.GetUtcNow();
            _timer?.Dispose();
            _timer = state.Time.CreateTimer(_ => WakeNow(), null, wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private void WakeNow()
    {
        lock (_timing)
            _next = DateTimeOffset.MaxValue;
        Wake();
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _timer?.Dispose();
        _ending.Dispose();
        _wake.Dispose();
    }

    /// <summary>Why the session has ended for good; null while it goes on.</summary>
    public Exception? Failure { get; private set; }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var retry = new ResiliencePipelineBuilder { TimeProvider = state.Time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<RelayUnreachableException>().Handle<RelayRefusedException>()
                    .Handle<ClientException>(failure => failure.Failure is not (ClientFailure.StoreTaken or ClientFailure.StoreUnusable)),
                MaxRetryAttempts = int.MaxValue,
                Delay = ShortestPause,
                MaxDelay = TimeSpan.FromSeconds(15),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Randomizer = () => Fresh.Fraction(state.Crypto),
            })
            .Build();
        try
        {
            // A connection that worked for a while begins anew with the shortest pause.
            while (!cancellationToken.IsCancellationRequested)
                await retry.ExecuteAsync(async token => await ConnectAsync(token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
        catch (Exception failure)
        {
            Failure = failure;
            using (await state.EnterAsync(CancellationToken.None).ConfigureAwait(false))
                state.Raise(new ConnectionChanged(fingerprint, false));
        }
    }

    private RelayEndpoint? FindEndpoint()
    {
        if (state.Relays.TryGetValue(fingerprint, out var own))
            return own.Endpoint;
        var link = state.Joins.Values.Select(join => InviteLink.Parse(join.Link)).FirstOrDefault(link => link.Relay == fingerprint);
        return link is null ? null : new(link.Addresses, link.Relay);
    }

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        if (FindEndpoint() is not { } endpoint)
        {
            await _wake.WaitAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        var lowest = state.Relays.TryGetValue(fingerprint, out var own) ? own.StatementNumber : 0;
        var relay = await options.Relays.ConnectAsync(endpoint, lowest, cancellationToken).ConfigureAwait(false);
        await using (relay.ConfigureAwait(false))
        {
            await RememberStatementAsync(relay, cancellationToken).ConfigureAwait(false);
            var stream = await relay.OpenStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                state.Raise(new ConnectionChanged(fingerprint, true));
                var link = new RelayLink(state, fingerprint, relay, stream, _contents, _reports) { Pauses = _pauses, Wake = Wake, WakeAt = WakeAt };
                var connection = new RelayConnection(this, link);
                try
                {
                    await connection.RunAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (RelayUnreachableException) when (connection.HasWorked)
                {
                    // It worked until now: connect again soon, with the shortest pause.
                    await Task.Delay(ShortestPause, state.Time, cancellationToken).ConfigureAwait(false);
                }
                finally
                {
                    ForgetSubscriptions();
                    state.Raise(new ConnectionChanged(fingerprint, false));
                }
            }
        }
    }

    private async Task RememberStatementAsync(IRelay relay, CancellationToken cancellationToken)
    {
        using (await state.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            if (state.Relays.TryGetValue(fingerprint, out var own) && own.StatementNumber < relay.StatementNumber)
                await state.SaveAsync(own with { StatementNumber = relay.StatementNumber }).ConfigureAwait(false);
        }
    }

    private void ForgetSubscriptions()
    {
        foreach (var conversation in state.Conversations.Values.Where(conversation => conversation.Record.Relay == fingerprint))
            conversation.Head = null;
    }
}
