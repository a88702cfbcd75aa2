using System.Collections.Concurrent;
using Sotto.Client.Accounts;
using Sotto.Client.Conversations;
using Sotto.Client.Invites;
using Sotto.Client.Joining;
using Sotto.Client.Relays;
using Sotto.Wire;
using Sotto.Wire.Links;

namespace Sotto.Client;

/// <summary>
/// A profile: an account, its contacts and conversations. Everything is stored before it leaves or is told; whatever the
/// network does in between, a client that is opened again goes on where it was.
/// </summary>
public sealed class SottoClient : IAsyncDisposable
{
    private static readonly TimeSpan LongestInvite = TimeSpan.FromDays(Limits.InviteDays);

    private readonly SottoClientOptions _options;
    private readonly ClientState _state;
    private readonly ConcurrentDictionary<Bytes16, RelaySession> _sessions = [];
    private readonly EventListener _events;
    private bool _disposed;

    private SottoClient(SottoClientOptions options, ClientState state)
    {
        (_options, _state, _events) = (options, state, state.Listen());
        _state.WakeSession = fingerprint => Session(fingerprint).Wake();
    }

    internal ClientState State => _state;

    /// <summary>Whether there is an account.</summary>
    public bool HasAccount => _state.Account is not null;

    /// <summary>The own account.</summary>
    /// <exception cref="ClientException">There is none yet.</exception>
    public AccountId Account => _state.RequireAccount().Id;

    /// <summary>The own name.</summary>
    /// <exception cref="ClientException">There is none yet.</exception>
    public string Name => _state.RequireAccount().Name;

    /// <summary>What happened since the client was opened, and happens; for one reader.</summary>
    public IAsyncEnumerable<ClientEvent> Events => _events.ReadAsync();

    /// <summary>What happens from now on, for as many readers as there are; the caller disposes it.</summary>
    public EventListener Listen() => _state.Listen();

    /// <summary>Opens a profile and begins to connect to its relays.</summary>
    /// <exception cref="ClientException">The store cannot be used.</exception>
    public static async Task<SottoClient> OpenAsync(SottoClientOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var client = new SottoClient(options, await ClientState.OpenAsync(options, cancellationToken).ConfigureAwait(false));
        foreach (var fingerprint in client.KnownRelays())
            client.Session(fingerprint);
        return client;
    }

    /// <summary>The conversations, in no order.</summary>
    public async Task<IReadOnlyList<Conversation>> ConversationsAsync(CancellationToken cancellationToken = default)
    {
        using (await _state.EnterQuietlyAsync(cancellationToken).ConfigureAwait(false))
            return [.. _state.Conversations.Values.Where(conversation => conversation.IsShown).Select(conversation => new Conversation(_state, conversation))];
    }

    /// <summary>Makes an account with an operator's link, and waits until it can be invited from.</summary>
    /// <exception cref="ClientException">There is an account, or the relay refused.</exception>
    public async Task CreateAccountAsync(RegistrationLink link, string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(link);
        var url = InviteLink.UrlOf(link.Address) ?? throw new ClientException(ClientFailure.MalformedInvite, "The link names no address.");
        using (await _state.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            // One that no relay took yet comes again with another link.
            if (_state.Account is not null && (!_state.Joins.IsEmpty || _state.Relays.Values.Any(known => known.Receipt is not null)))
                throw new ClientException(ClientFailure.TooLong, "There is an account here already.");
            var account = _state.Account ?? OwnAccount.Create(_state.Crypto, name);
            var relay = _state.Relays.TryGetValue(link.Fingerprint, out var begun)
                ? begun with { RegistrationToken = link.Token, Urls = [url] }
                : Provisioning.Begin(_state.Crypto, new([url], link.Fingerprint), link.Token);
            await _state.CommitAsync(ClientState.Save(ClientState.SaveAccount(new(), account.Record), relay)).ConfigureAwait(false);
            if (_state.Account is null)
                _state.SetAccount(account);
            _state.Relays[relay.Fingerprint] = relay;
        }

        await EndFailedAsync(link.Fingerprint).ConfigureAwait(false);
        Session(link.Fingerprint).Wake();
        await WaitAsync(link.Fingerprint, () => _state.Relays[link.Fingerprint].HasKeyPackages, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Where a relay of this account can be reached now: its address may change.</summary>
    public async Task SetRelayAddressAsync(Bytes16 fingerprint, string hostAndPort, CancellationToken cancellationToken = default)
    {
        var url = InviteLink.UrlOf(hostAndPort) ?? throw new ClientException(ClientFailure.MalformedInvite, "That is no address.");
        using (await _state.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!_state.Relays.TryGetValue(fingerprint, out var own) || own.Urls is [var only] && only == url)
                return;
            await _state.SaveAsync(own with { Urls = [url], IsReachable = false, Reachability = null }).ConfigureAwait(false);
        }

        Session(fingerprint).Wake();
    }

    /// <summary>Makes an invite, and gives it when the relay knows it.</summary>
    /// <param name="lasts">How long it can be used, at most 7 days.</param>
    /// <param name="uses">How many can join with it; only with 1 they count as verified.</param>
    /// <param name="cancellationToken">Gives up waiting; the invite stays and can be revoked.</param>
    /// <exception cref="ClientException">The relay takes no more, or was away until the invite had expired.</exception>
    public async Task<Invite> CreateInviteAsync(TimeSpan lasts, int uses = 1, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lasts, LongestInvite);
        ArgumentOutOfRangeException.ThrowIfLessThan(uses, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(uses, Limits.InviteUses);
        InviteRecord invite;
        using (await _state.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            var account = _state.RequireAccount();
            var relay = _state.Relays.Values.First();
            var secret = Fresh.Sixteen(_state.Crypto);
            var keys = InviteKeys.Derive(_state.Crypto, account.Id, relay.Fingerprint, secret);
            var expires = (uint)((_state.Time.GetUtcNow() + lasts).ToUnixTimeSeconds() / 3600);
            var card = new InviteCard(account.Id, keys.Id, relay.Fingerprint, expires, (ushort)uses, account.Device, account.List, account.Name);
            invite = new() { Id = keys.Id, Secret = secret, Relay = relay.Fingerprint, ExpiresHour = expires, Card = card.Seal(_state.Crypto, account.DeviceKey, keys.Card), Uses = uses };
            await _state.CommitAsync(ClientState.Save(new(), invite)).ConfigureAwait(false);
            _state.Remember(invite);
        }

        Session(invite.Relay).Wake();
        await WaitAsync(invite.Relay, () => _state.Invites[invite.Id].State != InviteState.New, cancellationToken).ConfigureAwait(false);
        return _state.Invites[invite.Id].State switch
        {
            InviteState.Expired => throw new ClientException(ClientFailure.InviteExpired, "The invite's time was over before the relay heard of it."),
            InviteState.Revoked => throw new ClientException(ClientFailure.RelayBusy, "The relay takes no more invites now: take one back first."),
            _ => Shown(_state.Invites[invite.Id]),
        };
    }

    /// <summary>Own invites.</summary>
    public async Task<IReadOnlyList<Invite>> InvitesAsync(CancellationToken cancellationToken = default)
    {
        using (await _state.EnterQuietlyAsync(cancellationToken).ConfigureAwait(false))
            return [.. _state.Invites.Values.Select(invite => Shown(invite.State == InviteState.Open && invite.ExpiresHour <= _state.NowHour ? invite with { State = InviteState.Expired } : invite))];
    }

    /// <summary>Takes an invite back.</summary>
    /// <returns>False when there is none of that name that is open.</returns>
    public async Task<bool> RevokeInviteAsync(string name, CancellationToken cancellationToken = default)
    {
        Bytes16 relay;
        using (await _state.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            var found = _state.Invites.Values.Where(invite => invite.State is InviteState.New or InviteState.Open && Shown(invite).Name == name).ToList();
            if (found is not [var invite])
                return false;
            await _state.SaveAsync(invite with { State = InviteState.Revoked }).ConfigureAwait(false);
            relay = invite.Relay;
        }

        Session(relay).Wake();
        return true;
    }

    /// <summary>
    /// Who invites, after every check. Nothing is stored and nothing at the relay changes. Of a join that has begun here it is what
    /// was found then: the invite may count as used by now.
    /// </summary>
    /// <exception cref="ClientException">The invite is no good, and why.</exception>
    public async Task<JoinPreview> PreviewAsync(InviteLink link, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(link);
        if (_state.Joins.TryGetValue(InviteKeys.Derive(_state.Crypto, link).Id, out var begun))
            return new(link.Account, begun.InviterName, begun.IsForOne);
        RequireUsable(link);
        try
        {
            var relay = await _options.Relays.ConnectAsync(new(link.Addresses, link.Relay), 0, cancellationToken).ConfigureAwait(false);
            await using (relay.ConfigureAwait(false))
                return (await Joiner.PreviewAsync(_state.Crypto, relay, link, cancellationToken).ConfigureAwait(false)).Preview;
        }
        catch (RelayUnreachableException unreachable)
        {
            throw new ClientException(ClientFailure.RelayUnreachable, "The relay of this invite cannot be reached.", unreachable);
        }
    }

    /// <summary>
    /// Joins, and gives the conversation when the first entries may be written. Given up or killed, it goes on when the client is
    /// opened again.
    /// </summary>
    /// <param name="link">The invite.</param>
    /// <param name="preview">What <see cref="PreviewAsync"/> gave for it.</param>
    /// <param name="name">The name to go by, if there is no account here yet.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="ClientException">The invite is no good, and why.</exception>
    public async Task<Conversation> JoinAsync(InviteLink link, JoinPreview preview, string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(preview);
        OwnAccount.RequireName(name);
        var keys = InviteKeys.Derive(_state.Crypto, link);
        if (!_state.Joins.ContainsKey(keys.Id))
            RequireUsable(link);
        using (await _state.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_state.Account is { } own && _state.Conversations.TryGetValue(ConversationContext.PairId(own.Id, link.Account), out var known) && !_state.Joins.ContainsKey(keys.Id))
                return await RenewAsync(known, preview).ConfigureAwait(false);
            if (!_state.Joins.ContainsKey(keys.Id))
            {
                var join = new JoinRecord
                {
                    Invite = keys.Id,
                    Link = link.ToLink(),
                    Name = name,
                    InviterName = preview.Name,
                    IsForOne = preview.IsForOne,
                    Stage = JoinStage.Reserving,
                    ReserveKey = Fresh.ThirtyTwo(_state.Crypto),
                    ClaimId = Fresh.Sixteen(_state.Crypto),
                };
                await _state.CommitAsync(ClientState.Save(new(), join)).ConfigureAwait(false);
                _state.FailedJoins.TryRemove(keys.Id, out _);
                _state.Remember(join);
            }
        }

        await EndFailedAsync(link.Relay).ConfigureAwait(false);
        Session(link.Relay).Wake();
        await WaitAsync(link.Relay, () => _state.FailedJoins.ContainsKey(keys.Id) || IsReady(_state.Joins[keys.Id]), cancellationToken).ConfigureAwait(false);
        using (await _state.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_state.FailedJoins.TryRemove(keys.Id, out var reason))
                throw reason;
            return new(_state, _state.Conversations[_state.Joins[keys.Id].Conversation!.Value]);
        }
    }

    /// <summary>Waits until everything that was sent is at its relay, reports of what was read included.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken = default)
    {
        foreach (var fingerprint in KnownRelays())
            await WaitAsync(fingerprint, () => _state.Outbox.Values.All(IsStuck) && _state.Conversations.Values.All(conversation => !conversation.Record.SendsAgain || conversation.IsStopped) && _state.Conversations.Values.All(conversation => conversation.Record.Unreported.Length == 0 || !conversation.IsReady || conversation.IsStopped), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends that a contact can send here: their lane is closed and what they send is not taken. Undone the same way.</summary>
    public async Task BlockAsync(Conversation conversation, bool isBlocked, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        using (await _state.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            var record = conversation.State.Record with { IsBlocked = isBlocked, LaneIsStale = true };
            await _state.CommitAsync(ClientState.Save(new(), record)).ConfigureAwait(false);
            conversation.State.Record = record;
        }

        Session(conversation.State.Record.Relay).Wake();
    }

    /// <summary>Waits until everything that lay at the relays when they were reached is stored here.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken = default)
    {
        foreach (var fingerprint in KnownRelays())
            await WaitAsync(fingerprint, () => _state.Conversations.Values.Where(conversation => conversation.Record.Relay == fingerprint).All(conversation => conversation.IsCaughtUp || conversation.IsStopped), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until a condition holds that is looked at after each change.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        while (true)
        {
            var changed = _state.Changed;
            if (await condition().ConfigureAwait(false))
                return;
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        foreach (var session in _sessions.Values)
            await session.DisposeAsync().ConfigureAwait(false);
        await _state.DisposeAsync().ConfigureAwait(false);
        _events.Dispose();
    }

    /// <summary>The invite of somebody who is a contact already: the chat that is there counts as verified again.</summary>
    private async Task<Conversation> RenewAsync(ConversationState known, JoinPreview preview)
    {
        if (preview.IsForOne && known.Record.Verification == Verification.None)
        {
            var record = known.Record with { Verification = Verification.Invite };
            await _state.CommitAsync(ClientState.Save(new(), record)).ConfigureAwait(false);
            known.Record = record;
        }

        return new(_state, known);
    }

    private bool IsStuck(Sending.OutboxRecord row) => _state.Conversations.TryGetValue(row.Conversation, out var conversation) && conversation.IsStopped;

    private bool IsReady(JoinRecord join) => join.Stage == JoinStage.Waiting && _state.Conversations[join.Conversation!.Value].IsReady;

    private void RequireUsable(InviteLink link)
    {
        if (_state.Account is { } own && own.Id == link.Account)
            throw new ClientException(ClientFailure.OwnInvite, "This is your own invite: send it to the person you want to talk with.");
        if (link.ExpiresHour <= _state.NowHour)
            throw new ClientException(ClientFailure.InviteExpired, "This invite has expired. Ask for a new one.");
    }

    private Invite Shown(InviteRecord invite) =>
        new(invite, new(_state.Relays[invite.Relay].Urls, _state.RequireAccount().Id, invite.Relay, invite.Secret, invite.ExpiresHour));

    private IEnumerable<Bytes16> KnownRelays() => _state.Relays.Keys.Concat(_state.Joins.Values.Select(join => InviteLink.Parse(join.Link).Relay)).Distinct().ToList();

    private RelaySession Session(Bytes16 fingerprint) => _sessions.GetOrAdd(fingerprint, missing =>
    {
        var session = new RelaySession(_state, _options, missing);
        session.Start();
        return session;
    });

    /// <summary>Why the session with a relay has ended for good; null while it goes on.</summary>
    internal Exception? FailureAt(Bytes16 relay) => _sessions.TryGetValue(relay, out var session) ? session.Failure : null;

    /// <summary>A session that ended for good gives way to a new one, because there is something new to try.</summary>
    private async Task EndFailedAsync(Bytes16 relay)
    {
        if (FailureAt(relay) is not null && _sessions.TryRemove(relay, out var ended))
            await ended.DisposeAsync().ConfigureAwait(false);
    }

    private async Task WaitAsync(Bytes16 relay, Func<bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = _state.Changed;
            using (await _state.EnterQuietlyAsync(cancellationToken).ConfigureAwait(false))
            {
                if (condition())
                    return;
            }

            if (Session(relay).Failure is RegistrationRefusedException { Reason: { } reason })
                throw new ClientException(reason.Failure, reason.Message, reason);
            if (Session(relay).Failure is { } failure)
                throw new ClientException(ClientFailure.RelayRefused, "The connection to the relay has ended for good.", failure);
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
