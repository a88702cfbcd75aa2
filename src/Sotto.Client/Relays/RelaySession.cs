using System.Collections.Concurrent;
using Google.Protobuf;
using Polly;
using Polly.Retry;
using Sotto.Client.Content;
using Sotto.Client.Conversations;
using Sotto.Client.Invites;
using Sotto.Client.Joining;
using Sotto.Client.Receiving;
using Sotto.Client.Sending;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Client.Relays;

/// <summary>
/// Everything this profile has to do with one relay. Connected, it looks at what is stored and does what is missing, again each
/// time something changes; disconnected, it waits and connects again.
/// </summary>
internal sealed class RelaySession(ClientState state, SottoClientOptions options, Bytes16 fingerprint) : IAsyncDisposable
{
    private const int MostReadCapabilities = 20;
    private static readonly TimeSpan RestoredPause = TimeSpan.FromHours(1);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(200);

    private readonly Contents _contents = new(state);
    private readonly Reports _reports = new(state, new(state), options.LongestReportDelay);
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

    /// <summary>Something is to be done at a time.</summary>
    private void WakeAt(DateTimeOffset time)
    {
        var wait = time - state.Time.GetUtcNow();
        _timer?.Dispose();
        _timer = state.Time.CreateTimer(_ => Wake(), null, wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
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
                var connection = new Connection(this, relay, stream);
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

    /// <summary>One connection, from its first frame to its end.</summary>
    private sealed class Connection(RelaySession session, IRelay relay, IMailboxStream stream)
    {
        private readonly ClientState _state = session.State;
        private readonly Bytes16 _fingerprint = session.Fingerprint;
        private readonly ConcurrentDictionary<uint, TaskCompletionSource<Subscriber>> _subscriptions = [];
        private readonly ConcurrentDictionary<ulong, bool> _posting = [];
        private readonly ConcurrentDictionary<ulong, bool> _refused = [];
        private readonly ConcurrentDictionary<Bytes16, byte[]> _committing = [];
        private readonly KeyUpdates _updates = new(session.State);
        private readonly Receiver _receiver = new(session.State, session._contents, relay.IdentityKey);
        private bool _readsIntro;

        /// <summary>Whether everything that was to do was done at least once.</summary>
        public bool HasWorked { get; private set; }

        public async Task RunAsync(CancellationToken cancellationToken)
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var reading = ReadAsync(ended.Token);
            var working = WorkAsync(ended.Token);
            try
            {
                await (await Task.WhenAny(reading, working).ConfigureAwait(false)).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                throw new RelayUnreachableException("The stream to the relay has ended.");
            }
            finally
            {
                await ended.CancelAsync().ConfigureAwait(false);
                foreach (var waiting in _subscriptions.Values)
                    waiting.TrySetCanceled(CancellationToken.None);
                await Task.WhenAll(reading, working).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        private async Task WorkAsync(CancellationToken cancellationToken)
        {
            var joiner = new Joiner(_state, relay, stream, _fingerprint);
            while (true)
            {
                await joiner.ReserveAsync(cancellationToken).ConfigureAwait(false);
                if (_state.Relays.ContainsKey(_fingerprint))
                    await WorkRegisteredAsync(joiner, cancellationToken).ConfigureAwait(false);
                HasWorked = true;
                await session._wake.WaitAsync(cancellationToken).ConfigureAwait(false);
                while (session._wake.CurrentCount > 0)
                    await session._wake.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        private async Task WorkRegisteredAsync(Joiner joiner, CancellationToken cancellationToken)
        {
            await new Restoration(_state, _fingerprint).NoticeAsync(stream.Incarnation, cancellationToken).ConfigureAwait(false);
            var provisioning = new Provisioning(_state, relay, stream);
            await provisioning.RunAsync(_fingerprint, cancellationToken).ConfigureAwait(false);
            await SubscribeIntroAsync(provisioning, cancellationToken).ConfigureAwait(false);
            await joiner.GoOnAsync(cancellationToken).ConfigureAwait(false);
            await new InvitePublisher(_state, relay, stream, _fingerprint).RunAsync(cancellationToken).ConfigureAwait(false);
            foreach (var conversation in Here())
                await WorkOnAsync(conversation, cancellationToken).ConfigureAwait(false);
            await PostWaitingAsync(cancellationToken).ConfigureAwait(false);
            await provisioning.RefillKeyPackagesAsync(_fingerprint, cancellationToken).ConfigureAwait(false);
        }

        private List<ConversationState> Here() =>
            [.. _state.Conversations.Values.Where(conversation => conversation.Record.Relay == _fingerprint && conversation.Record is { IsMade: true, IsDead: false })];

        private async Task SubscribeIntroAsync(Provisioning provisioning, CancellationToken cancellationToken)
        {
            if (_readsIntro)
                return;
            try
            {
                await SubscribeIntroAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (RelayRefusedException refused) when (refused.Problem == RelayProblem.Refused && _state.Relays[_fingerprint].RestoredAt > 0)
            {
                await provisioning.MakeIntroChannelAgainAsync(_fingerprint, cancellationToken).ConfigureAwait(false);
                await SubscribeIntroAsync(cancellationToken).ConfigureAwait(false);
            }

            _readsIntro = true;
        }

        private async Task SubscribeIntroAsync(CancellationToken cancellationToken)
        {
            var intro = _state.Relays[_fingerprint].Intro;
            var subscribe = new Subscribe { Channel = intro.Channel.ToWire(), Mailbox = intro.Mailbox.ToWire(), ReadCapability = intro.ReadCapability.ToWire() };
            var answer = await stream.AskAsync(new() { Subscribe = subscribe }, cancellationToken).ConfigureAwait(false);
            Register(answer.Subscribed.Subscription, Subscriber.Intro);
        }

        private async Task WorkOnAsync(ConversationState conversation, CancellationToken cancellationToken)
        {
            if (conversation.Record.ClaimToken is not null)
                await ClaimAsync(conversation, cancellationToken).ConfigureAwait(false);
            if (conversation.Head is null)
                await SubscribeAsync(conversation, cancellationToken).ConfigureAwait(false);
            if (conversation.IsStopped)
                return;
            if (conversation.Record.LaneIsStale)
                await ChangeLaneAsync(conversation, cancellationToken).ConfigureAwait(false);
            if (conversation.Record.RekeyIsDue)
                await RekeyAsync(conversation, cancellationToken).ConfigureAwait(false);
            await UpdateKeysAsync(conversation, cancellationToken).ConfigureAwait(false);
            await ReportAsync(conversation, cancellationToken).ConfigureAwait(false);
            if (!conversation.Record.HelloIsWritten && conversation.IsCaughtUp && conversation.Group.Epoch.Value > 0)
                await GreetAsync(conversation, cancellationToken).ConfigureAwait(false);
        }

        private async Task ClaimAsync(ConversationState conversation, CancellationToken cancellationToken)
        {
            await ClaimAsync(conversation.Record, conversation.Record.ClaimToken!.Value, cancellationToken).ConfigureAwait(false);
            await ChangeAsync(conversation, before => before with { ClaimToken = null, OldClaimToken = before.ClaimToken }, cancellationToken).ConfigureAwait(false);
        }

        private Task<Frame> ClaimAsync(ConversationRecord record, Bytes32 token, CancellationToken cancellationToken)
        {
            var claim = new Claim
            {
                Channel = record.Channel.ToWire(),
                Mailbox = record.Mailbox.ToWire(),
                ClaimToken = token.ToWire(),
                ReadCapabilityHash = record.ReadCapability.HashToWire(),
            };
            return stream.AskAsync(new() { Claim = claim }, cancellationToken);
        }

        private async Task SubscribeAsync(ConversationState conversation, CancellationToken cancellationToken)
        {
            if (await OpenMailboxAsync(conversation, cancellationToken).ConfigureAwait(false) is not { } answer)
                return;
            if (conversation.Record.IsRestoring)
                await BringBackAsync(conversation, answer.Subscribed, cancellationToken).ConfigureAwait(false);
            var isOurs = await ReplaceNoteAsync(conversation, answer.Subscribed.Note, cancellationToken).ConfigureAwait(false);
            conversation.Subscription = answer.Subscribed.Subscription;
            conversation.Head = isOurs ? answer.Subscribed.Head : ulong.MaxValue;
            Register(answer.Subscribed.Subscription, isOurs ? new(conversation) : Subscriber.Nobody);
        }

        /// <summary>
        /// With the read capability of now. A relay that was restored may know an earlier one, which then is changed again, or have
        /// the mailbox unclaimed. Null when it knows neither: the conversation is gone there.
        /// </summary>
        private async Task<Frame?> OpenMailboxAsync(ConversationState conversation, CancellationToken cancellationToken)
        {
            var record = conversation.Record;
            if (!record.IsRestoring)
                return await SubscribeAsync(record, record.ReadCapability, cancellationToken).ConfigureAwait(false);
            foreach (var capability in (Bytes32[])[record.ReadCapability, .. record.NextReadCapability is { } next ? [next] : (Bytes32[])[], .. record.OldReadCapabilities])
            {
                if (await TryAsync(() => SubscribeAsync(record, capability, cancellationToken)).ConfigureAwait(false) is not { } opened)
                    continue;
                if (capability != record.ReadCapability)
                {
                    await ChangeAsync(
                        conversation,
                        before => before with { ReadCapability = capability, NextReadCapability = Fresh.ThirtyTwo(_state.Crypto), RekeyIsDue = true }, cancellationToken).ConfigureAwait(false);
                }

                return opened;
            }

            if (record.OldClaimToken is { } token && await TryAsync(() => ClaimAsync(record, token, cancellationToken)).ConfigureAwait(false) is not null)
                return await SubscribeAsync(record, record.ReadCapability, cancellationToken).ConfigureAwait(false);
            using (await _state.EnterAsync(cancellationToken).ConfigureAwait(false))
                await _receiver.DieAsync(conversation).ConfigureAwait(false);
            return null;
        }

        private Task<Frame> SubscribeAsync(ConversationRecord record, Bytes32 capability, CancellationToken cancellationToken)
        {
            var subscribe = new Subscribe { Channel = record.Channel.ToWire(), Mailbox = record.Mailbox.ToWire(), ReadCapability = capability.ToWire() };
            return stream.AskAsync(new() { Subscribe = subscribe }, cancellationToken);
        }

        /// <summary>Null when the relay refuses.</summary>
        private static async Task<Frame?> TryAsync(Func<Task<Frame>> ask)
        {
            try
            {
                return await ask().ConfigureAwait(false);
            }
            catch (RelayRefusedException refused) when (!refused.IsPassing)
            {
                return null;
            }
        }

        /// <summary>
        /// A restored relay gets back the commits that it lost, with its own receipts, and what the other has not seen. Whoever comes
        /// first does it: what is there already is refused, and content that comes twice is dropped by its counter.
        /// </summary>
        private async Task BringBackAsync(ConversationState conversation, Subscribed subscribed, CancellationToken cancellationToken)
        {
            var record = conversation.Record;
            foreach (var post in await new CommitReceipts(_state).AboveAsync(record, subscribed.Number).ConfigureAwait(false))
                await TryAsync(() => stream.AskAsync(new() { Post = post }, cancellationToken)).ConfigureAwait(false);
            using (await _state.EnterAsync(cancellationToken).ConfigureAwait(false))
            {
                if (!record.IsReadOnly)
                    await session._contents.SendAgainAsync(conversation).ConfigureAwait(false);
                var changed = conversation.Record with
                {
                    IsRestoring = false,
                    Processed = subscribed.Acknowledged,
                    ReadBefore = Math.Max(conversation.Record.ReadBefore, subscribed.Head),
                };
                await _state.CommitAsync(ClientState.Save(new(), changed)).ConfigureAwait(false);
                conversation.Record = changed;
            }
        }

        /// <summary>
        /// Before anything is posted or acknowledged: the note there says whether this store is the newest one. An old copy
        /// would use keys a second time, so it reads and writes nothing more.
        /// </summary>
        private async Task<bool> ReplaceNoteAsync(ConversationState conversation, ByteString note, CancellationToken cancellationToken)
        {
            var (record, seed) = (conversation.Record, _state.RequireAccount().Record.DeviceSeed);
            if (record.IsReadOnly)
                return false;
            var theirs = note.IsEmpty ? 0 : MailboxNote.Open(_state.Crypto, seed, record.Relay, record.Mailbox, note.Span);
            if (theirs is null)
                _state.Raise(new NoticeRaised(new(_state, conversation), NoticeKind.NoteForeign));
            if (theirs > record.NoteCounter)
                return await StopAsync(conversation, theirs.Value, cancellationToken).ConfigureAwait(false);
            var next = record.NoteCounter + 1;
            await ChangeAsync(conversation, before => before with { NoteCounter = next }, cancellationToken).ConfigureAwait(false);
            var request = new SetNote
            {
                Channel = record.Channel.ToWire(),
                Mailbox = record.Mailbox.ToWire(),
                ReadCapability = record.ReadCapability.ToWire(),
                OldNoteHash = note.IsEmpty ? ByteString.Empty : Bytes32.HashOf(note.Span).ToWire(),
                Note = ByteString.CopyFrom(MailboxNote.Seal(_state.Crypto, seed, record.Relay, record.Mailbox, next)),
            };
            try
            {
                await stream.AskAsync(new() { SetNote = request }, cancellationToken).ConfigureAwait(false);
                return true;
            }
            catch (RelayRefusedException refused) when (refused.Problem == RelayProblem.Conflict)
            {
                return await StopAsync(conversation, next, cancellationToken).ConfigureAwait(false);
            }
        }

        private async Task<bool> StopAsync(ConversationState conversation, ulong counter, CancellationToken cancellationToken)
        {
            await ChangeAsync(conversation, before => before with { IsReadOnly = true, NoteCounter = counter }, cancellationToken).ConfigureAwait(false);
            _state.Raise(new NoticeRaised(new(_state, conversation), NoticeKind.OldCopy));
            return false;
        }

        /// <summary>A blocked contact's lane and token end at the relay; they open again when the block does.</summary>
        private async Task ChangeLaneAsync(ConversationState conversation, CancellationToken cancellationToken)
        {
            var (contact, intro) = (conversation.Record.Contact, _state.Relays[_fingerprint].Intro);
            var isBlocked = conversation.Record.IsBlocked;
            Frame lane = isBlocked
                ? new() { CloseLane = new() { Channel = intro.Channel.ToWire(), Capability = intro.OwnerCapability.ToWire(), LaneHash = contact.Lane.HashToWire() } }
                : new() { OpenLane = new() { Channel = intro.Channel.ToWire(), Capability = intro.OwnerCapability.ToWire(), LaneHash = contact.Lane.HashToWire(), Kind = LaneKind.Contact } };
            await stream.AskAsync(lane, cancellationToken).ConfigureAwait(false);
            byte[][] token = [Bytes32.HashOf(contact.Token.ToArray()).ToArray()];
            await relay.Accounts.ChangeContactTokensAsync(_state.Signer, isBlocked ? new([], token) : new(token, []), cancellationToken).ConfigureAwait(false);
            await ChangeAsync(conversation, before => before.IsBlocked == isBlocked ? before with { LaneIsStale = false } : before, cancellationToken).ConfigureAwait(false);
        }

        /// <summary>The next read capability; the old one dies when it is first used.</summary>
        private async Task RekeyAsync(ConversationState conversation, CancellationToken cancellationToken)
        {
            var record = conversation.Record;
            var rekey = new Rekey
            {
                Channel = record.Channel.ToWire(),
                Mailbox = record.Mailbox.ToWire(),
                ReadCapability = record.ReadCapability.ToWire(),
                NewReadCapabilityHash = record.NextReadCapability!.Value.HashToWire(),
            };
            await stream.AskAsync(new() { Rekey = rekey }, cancellationToken).ConfigureAwait(false);
            await ChangeAsync(
                conversation, before => before with
                {
                    ReadCapability = before.NextReadCapability!.Value,
                    NextReadCapability = null,
                    RekeyIsDue = false,
                    OldReadCapabilities = [before.ReadCapability, .. before.OldReadCapabilities.Take(MostReadCapabilities - 1)],
                }, cancellationToken).ConfigureAwait(false);
        }

        /// <summary>An own commit is stored, posted, and takes effect when it comes back. One that lost is made anew when it is still due.</summary>
        private async Task UpdateKeysAsync(ConversationState conversation, CancellationToken cancellationToken)
        {
            if (_updates.IsDue(conversation))
            {
                using (await _state.EnterAsync(cancellationToken).ConfigureAwait(false))
                {
                    if (_updates.IsDue(conversation))
                        await _updates.PrepareAsync(conversation).ConfigureAwait(false);
                }
            }

            if (conversation.Record.PendingCommit is not { } post || !conversation.IsCaughtUp || _committing.ContainsKey(conversation.Record.Id))
                return;
            _committing[conversation.Record.Id] = post;
            try
            {
                await stream.AskAsync(new() { Post = Post.Parser.ParseFrom(post) }, cancellationToken).ConfigureAwait(false);
            }
            catch (RelayRefusedException refused) when (refused.Problem == RelayProblem.Restored)
            {
                // For a day a restored relay takes back what it lost and nothing new; messages go on.
                session.WakeAt(_state.Time.GetUtcNow() + RestoredPause);
            }
            catch (RelayRefusedException refused) when (refused.Problem is RelayProblem.Stale or RelayProblem.Refused)
            {
                // Another commit won the number and is on its way here; it ends this one.
            }

            _committing.TryRemove(new(conversation.Record.Id, post));
        }

        private async Task ReportAsync(ConversationState conversation, CancellationToken cancellationToken)
        {
            if (conversation.Record.Unreported.Length == 0)
                return;
            DateTimeOffset? due;
            using (await _state.EnterAsync(cancellationToken).ConfigureAwait(false))
                due = await session._reports.WriteDueAsync(conversation).ConfigureAwait(false);
            if (due is { } later)
                session.WakeAt(later);
        }

        /// <summary>The own first entry: lists, profile, and how to reach this account. Lane and token are opened before it leaves.</summary>
        private async Task GreetAsync(ConversationState conversation, CancellationToken cancellationToken)
        {
            var contact = conversation.Record.Contact;
            if (!contact.IsOpen)
            {
                var intro = _state.Relays[_fingerprint].Intro;
                var lane = new OpenLane { Channel = intro.Channel.ToWire(), Capability = intro.OwnerCapability.ToWire(), LaneHash = contact.Lane.HashToWire(), Kind = LaneKind.Contact };
                await stream.AskAsync(new() { OpenLane = lane }, cancellationToken).ConfigureAwait(false);
                await relay.Accounts.ChangeContactTokensAsync(_state.Signer, new ContactTokensRequest([Bytes32.HashOf(contact.Token.ToArray()).ToArray()], []), cancellationToken).ConfigureAwait(false);
            }

            using (await _state.EnterAsync(cancellationToken).ConfigureAwait(false))
            {
                var account = _state.RequireAccount();
                var number = Math.Max(account.Record.ProfileNumber + 1, (ulong)_state.Time.GetUtcNow().ToUnixTimeMilliseconds());
                var profile = new Accounts.Profile(account.Id, account.Device, number, account.Name).Sign(account.DeviceKey);
                var introduction = new Introduction(account.Record.Lists, profile, contact.Token, contact.Lane);
                await session._contents.WriteHiddenAsync(
                    conversation, ContentTypes.Introduction, introduction.Encode(),
                    record => record with { HelloIsWritten = true, Contact = contact with { IsOpen = true } }).ConfigureAwait(false);
                if (conversation.Record.IsOwn)
                    _state.Raise(new ConversationStarted(new(_state, conversation)));
            }
        }

        /// <summary>Posts what lies in the outbox, in order and without waiting for answers one by one.</summary>
        private async Task PostWaitingAsync(CancellationToken cancellationToken)
        {
            foreach (var (order, row) in await WaitingAsync(cancellationToken).ConfigureAwait(false))
            {
                if (!_state.Conversations.TryGetValue(row.Conversation, out var conversation) || conversation.Record.Relay != _fingerprint || !conversation.IsCaughtUp)
                    continue;
                if (!_refused.ContainsKey(order) && _posting.ContainsKey(order))
                    continue;
                var current = row;
                if (_refused.ContainsKey(order))
                {
                    if (row.Epoch == conversation.Group.Epoch.Value || await RenewAsync(conversation, order, cancellationToken).ConfigureAwait(false) is not { } renewed)
                        continue;
                    current = renewed;
                }

                _posting[order] = true;
                _ = FollowAsync(order, stream.AskAsync(new() { Post = Post.Parser.ParseFrom(current.Post) }, cancellationToken), cancellationToken);
            }
        }

        private async Task<List<KeyValuePair<ulong, OutboxRecord>>> WaitingAsync(CancellationToken cancellationToken)
        {
            using (await _state.EnterQuietlyAsync(cancellationToken).ConfigureAwait(false))
            {
                foreach (var done in _posting.Keys.Where(order => !_state.Outbox.ContainsKey(order)))
                    _posting.TryRemove(done, out _);
                return [.. _state.Outbox];
            }
        }

        /// <summary>
        /// Only what the relay refused is encrypted anew: what it may have taken would come twice. Null when its echo came
        /// meanwhile.
        /// </summary>
        private async Task<OutboxRecord?> RenewAsync(ConversationState conversation, ulong order, CancellationToken cancellationToken)
        {
            using (await _state.EnterAsync(cancellationToken).ConfigureAwait(false))
            {
                _refused.TryRemove(order, out _);
                return _state.Outbox.ContainsKey(order) ? await session._contents.RenewAsync(conversation, order).ConfigureAwait(false) : null;
            }
        }

        /// <summary>Taken by the relay means sent; the echo makes it durable. A refused writer reads on and encrypts anew.</summary>
        private async Task FollowAsync(ulong order, Task<Frame> answer, CancellationToken cancellationToken)
        {
            try
            {
                await answer.ConfigureAwait(false);
            }
            catch (RelayRefusedException refused) when (refused.Problem is RelayProblem.Stale or RelayProblem.Refused)
            {
                // The entry that made this one late is on its way, or was read while this one was.
                _refused[order] = true;
                session.Wake();
            }
            catch (RelayRefusedException)
            {
                _posting.TryRemove(order, out _);
            }
            catch (Exception gone) when (gone is RelayUnreachableException or OperationCanceledException)
            {
                // The next connection posts it again, and the relay gives the first answer.
            }
        }

        private async Task ReadAsync(CancellationToken cancellationToken)
        {
            await foreach (var frame in stream.ToldAsync(cancellationToken).ConfigureAwait(false))
            {
                switch (frame.BodyCase)
                {
                    case Frame.BodyOneofCase.Push:
                        await TakeAsync(frame.Push, cancellationToken).ConfigureAwait(false);
                        break;
                    case Frame.BodyOneofCase.SubscriptionEnded when frame.SubscriptionEnded.Reason == EndReason.Replaced:
                        _state.Raise(new NoticeRaised(null, NoticeKind.OpenedElsewhere));
                        return;
                    case Frame.BodyOneofCase.SubscriptionEnded or Frame.BodyOneofCase.Draining:
                        return;
                }
            }
        }

        private async Task TakeAsync(Push push, CancellationToken cancellationToken)
        {
            var subscriber = await Target(push.Subscription).Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (subscriber == Subscriber.Nobody)
                return;
            if (subscriber.Conversation is { Record.IsDead: true })
                return;
            foreach (var entry in push.Entries)
            {
                if (subscriber.Conversation is not { } conversation)
                {
                    await new WelcomeReceiver(_state, relay, _fingerprint).TakeAsync(entry, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                using (await _state.EnterAsync(cancellationToken).ConfigureAwait(false))
                    await _receiver.ApplyAsync(conversation, entry).ConfigureAwait(false);
            }

            if (subscriber.Conversation is { Record.IsDead: true })
                return;
            var acknowledge = new Acknowledge { Subscription = push.Subscription, Sequence = push.Entries[^1].Sequence };
            await stream.TellAsync(new() { Acknowledge = acknowledge }, cancellationToken).ConfigureAwait(false);
            session.Wake();
        }

        private TaskCompletionSource<Subscriber> Target(uint subscription) =>
            _subscriptions.GetOrAdd(subscription, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

        private void Register(uint subscription, Subscriber subscriber) => Target(subscription).TrySetResult(subscriber);

        private async Task ChangeAsync(ConversationState conversation, Func<ConversationRecord, ConversationRecord> change, CancellationToken cancellationToken)
        {
            using (await _state.EnterAsync(cancellationToken).ConfigureAwait(false))
            {
                var changed = change(conversation.Record);
                await _state.CommitAsync(ClientState.Save(new(), changed)).ConfigureAwait(false);
                conversation.Record = changed;
            }
        }
    }

    /// <summary>Who gets what is pushed to a subscription.</summary>
    private sealed record Subscriber(ConversationState? Conversation)
    {
        public static Subscriber Intro { get; } = new((ConversationState?)null);

        /// <summary>What comes is not read and not acknowledged.</summary>
        public static Subscriber Nobody { get; } = new((ConversationState?)null);

        public bool Equals(Subscriber? other) => ReferenceEquals(this, other);

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
    }

    private ClientState State => state;

    private Bytes16 Fingerprint => fingerprint;
}
