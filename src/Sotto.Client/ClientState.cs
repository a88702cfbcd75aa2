using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Sotto.Client.Accounts;
using Sotto.Client.Conversations;
using Sotto.Client.Invites;
using Sotto.Client.Joining;
using Sotto.Client.Relays;
using Sotto.Client.Repairing;
using Sotto.Client.Sending;
using Sotto.Client.Storage;
using Sotto.Crypto;
using Sotto.Mls;
using Sotto.Mls.Groups;
using Sotto.Mls.State;
using Sotto.Mls.Suites;
using Sotto.Wire;

namespace Sotto.Client;

/// <summary>
/// Everything a profile holds, in memory as it is stored. Whoever changes it has entered; a change is committed to the store
/// first and then made in memory.
/// </summary>
internal sealed class ClientState : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private readonly ConcurrentDictionary<Channel<ClientEvent>, bool> _listeners = [];
    private readonly IClientStore _store;
    private ulong _lastOrder;
    private TaskCompletionSource _changed = NewSignal();

    private ClientState(SottoClientOptions options)
    {
        _store = options.Store;
        (Crypto, Time, SendsReadReceipts) = (options.Crypto, options.Time, options.SendReadReceipts);
        Credentials = new(Crypto);
        Policy = new(Crypto, Credentials);
        Mls = new(new()
        {
            Provider = Crypto,
            Authentication = Credentials,
            SignatureKeys = key => Account is { } own && key.Span.SequenceEqual(own.DeviceKey.PublicKey) ? own.DeviceKey : null,
            IsInGroup = group => Conversations.Values.Any(conversation => conversation.Group.GroupId == group && !conversation.Rejoins),
            Policy = Policy,
            PreSharedKeys = PreSharedKeys,
            Suites = [Suite],
            Extensions = ConversationExtensions.Extensions,
            Proposals = ConversationExtensions.Proposals,
            Limits = MlsLimits.Default with { PastResumptionPsks = 22 },
        });
    }

    /// <summary>The one suite that the messenger uses; there is no falling back.</summary>
    public static CipherSuite Suite => CipherSuite.XWingAes256Sha384Ed25519;

    public ICryptoProvider Crypto { get; }

    public TimeProvider Time { get; }

    public bool SendsReadReceipts { get; }

    public CredentialVerifier Credentials { get; }

    public ConversationPolicy Policy { get; }

    public InvitePreSharedKeys PreSharedKeys { get; } = new();

    public MlsClient Mls { get; }

    public IClientStore Store => _store;

    public OwnAccount? Account { get; private set; }

    public ConcurrentDictionary<Bytes16, OwnRelay> Relays { get; } = [];

    public ConcurrentDictionary<Bytes32, InviteRecord> Invites { get; } = [];

    public ConcurrentDictionary<Bytes32, JoinRecord> Joins { get; } = [];

    /// <summary>Why joins were given up, for whoever waits for them.</summary>
    public ConcurrentDictionary<Bytes32, ClientException> FailedJoins { get; } = [];

    public ConcurrentDictionary<Bytes16, ConversationState> Conversations { get; } = [];

    /// <summary>Welcomes on their way, by conversation.</summary>
    public ConcurrentDictionary<Bytes16, FoundingRecord> Foundings { get; } = [];

    /// <summary>By order of sending.</summary>
    public SortedDictionary<ulong, OutboxRecord> Outbox { get; } = [];

    /// <summary>Completes at the next change.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    public long NowHour => Time.GetUtcNow().ToUnixTimeSeconds() / 3600;

    /// <summary>Loads everything but messages.</summary>
    public static async Task<ClientState> OpenAsync(SottoClientOptions options, CancellationToken cancellationToken)
    {
        var state = new ClientState(options);
        await state.LoadAsync(cancellationToken).ConfigureAwait(false);
        return state;
    }

    /// <summary>Waits until nobody else changes anything.</summary>
    /// <returns>Leaves when disposed.</returns>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Leaving(this);
    }

    public ValueTask CommitAsync(StoreChanges changes) => _store.CommitAsync(changes, CancellationToken.None);

    /// <summary>The same for somebody who only looks: others are not told of a change.</summary>
    public async Task<IDisposable> EnterQuietlyAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Leaving(this) { IsQuiet = true };
    }

    /// <summary>Lets the session with a relay look at what is stored.</summary>
    public Action<Bytes16> WakeSession { get; set; } = _ => { };

    /// <summary>Everything that happens from now on, until it is disposed.</summary>
    public EventListener Listen()
    {
        var channel = Channel.CreateUnbounded<ClientEvent>();
        _listeners[channel] = true;
        return new(channel.Reader, () => _listeners.TryRemove(channel, out _));
    }

    public void Raise(ClientEvent happened)
    {
        foreach (var listener in _listeners.Keys)
            listener.Writer.TryWrite(happened);
    }

    /// <exception cref="ClientException">There is no account.</exception>
    public OwnAccount RequireAccount() => Account ?? throw new ClientException(ClientFailure.NoAccount, "There is no account here yet.");

    public void SetAccount(OwnAccount account)
    {
        Account?.Dispose();
        Account = account;
    }

    public RequestSigner Signer => new(RequireAccount().Id, RequireAccount().DeviceKey);

    // What the changes of one record look like, so that store and memory never differ in how they name it.
    public static StoreChanges SaveAccount(StoreChanges changes, AccountRecord record) =>
        changes.Save(AccountKey, record, StoreJson.Default.AccountRecord);

    public async Task SaveAsync(OwnRelay relay)
    {
        await CommitAsync(Save(new(), relay)).ConfigureAwait(false);
        Relays[relay.Fingerprint] = relay;
    }

    public static StoreChanges Save(StoreChanges changes, OwnRelay relay) =>
        changes.Save(new(StoreTable.Relays, default, relay.Fingerprint.ToArray()), relay, StoreJson.Default.OwnRelay);

    public async Task SaveAsync(InviteRecord invite)
    {
        await CommitAsync(Save(new(), invite)).ConfigureAwait(false);
        Invites[invite.Id] = invite;
    }

    public static StoreChanges Save(StoreChanges changes, InviteRecord invite) =>
        changes.Save(new(StoreTable.Invites, default, invite.Id.ToArray()), invite, StoreJson.Default.InviteRecord);

    public async Task SaveAsync(JoinRecord join)
    {
        await CommitAsync(Save(new(), join)).ConfigureAwait(false);
        Joins[join.Invite] = join;
    }

    public static StoreChanges Save(StoreChanges changes, JoinRecord join) => changes.Save(JoinKey(join.Invite), join, StoreJson.Default.JoinRecord);

    public static StoreChanges Delete(StoreChanges changes, JoinRecord join) => changes.Delete(JoinKey(join.Invite));

    public async Task SaveAsync(FoundingRecord founding)
    {
        await CommitAsync(Save(new(), founding)).ConfigureAwait(false);
        Foundings[founding.Conversation] = founding;
    }

    public static StoreChanges Save(StoreChanges changes, FoundingRecord founding) =>
        changes.Save(FoundingKey(founding.Conversation), founding, StoreJson.Default.FoundingRecord);

    public static RecordKey FoundingKey(Bytes16 conversation) => new(StoreTable.Foundings, default, conversation.ToArray());

    public static StoreChanges Save(StoreChanges changes, ConversationRecord record) =>
        changes.Save(ConversationState.KeyOf(record), record, StoreJson.Default.ConversationRecord);

    public static StoreChanges Save(StoreChanges changes, ulong order, OutboxRecord row) =>
        changes.Save(OutboxKey(order), row, StoreJson.Default.OutboxRecord);

    /// <summary>Changes what is stored of a conversation, and then what memory has of it.</summary>
    public async Task ChangeAsync(ConversationState conversation, Func<ConversationRecord, ConversationRecord> change, CancellationToken cancellationToken)
    {
        using (await EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            var changed = change(conversation.Record);
            await CommitAsync(Save(new(), changed)).ConfigureAwait(false);
            conversation.Record = changed;
        }
    }

    public static RecordKey OutboxKey(ulong order) => new(StoreTable.Outbox, default, StoreChanges.Order(order));

    public static RecordKey MessageKey(Bytes16 conversation, ulong place) => new(StoreTable.Messages, conversation.ToArray(), StoreChanges.Order(place));

    public static RecordKey PlaceKey(Bytes16 conversation, ReadOnlySpan<byte> message) => new(StoreTable.MessagePlaces, conversation.ToArray(), message.ToArray());

    public static RecordKey UnseenKey(Bytes16 conversation, ulong counter) => new(StoreTable.Unseen, conversation.ToArray(), StoreChanges.Order(counter));

    public static RecordKey CommitKey(Bytes16 conversation, ulong number) => new(StoreTable.Commits, conversation.ToArray(), StoreChanges.Order(number));

    public static StoreChanges Save(StoreChanges changes, Bytes16 conversation, ulong place, MessageRecord message) => changes
        .Save(MessageKey(conversation, place), message, StoreJson.Default.MessageRecord);

    public async Task<MessageRecord?> FindMessageAsync(Bytes16 conversation, ulong place) =>
        await _store.FindAsync(MessageKey(conversation, place)).ConfigureAwait(false) is { } bytes ? JsonSerializer.Deserialize(bytes, StoreJson.Default.MessageRecord) : null;

    public async Task<ulong?> FindPlaceAsync(Bytes16 conversation, byte[] message) =>
        await _store.FindAsync(PlaceKey(conversation, message)).ConfigureAwait(false) is { } bytes ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : null;

    /// <summary>Never one that was given before, also when the outbox is empty: a session knows by it what it is posting.</summary>
    public ulong NextOutboxOrder() => ++_lastOrder;

    public async ValueTask DisposeAsync()
    {
        foreach (var listener in _listeners.Keys)
            listener.Writer.TryComplete();
        await _gate.WaitAsync().ConfigureAwait(false);
        foreach (var conversation in Conversations.Values)
            conversation.Dispose();
        Account?.Dispose();
        await _store.DisposeAsync().ConfigureAwait(false);
        _gate.Dispose();
    }

    private static RecordKey AccountKey => new(StoreTable.Account, default, "own"u8.ToArray());

    private static RecordKey JoinKey(Bytes32 invite) => new(StoreTable.Joins, default, invite.ToArray());

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (await _store.FindAsync(AccountKey, cancellationToken).ConfigureAwait(false) is { } account)
            Account = OwnAccount.Open(Crypto, JsonSerializer.Deserialize(account, StoreJson.Default.AccountRecord)!);
        await foreach (var relay in ReadAsync(StoreTable.Relays, StoreJson.Default.OwnRelay).ConfigureAwait(false))
            Relays[relay.Value.Fingerprint] = relay.Value;
        await foreach (var invite in ReadAsync(StoreTable.Invites, StoreJson.Default.InviteRecord).ConfigureAwait(false))
            Remember(invite.Value);
        await foreach (var join in ReadAsync(StoreTable.Joins, StoreJson.Default.JoinRecord).ConfigureAwait(false))
            Remember(join.Value);
        await foreach (var founding in ReadAsync(StoreTable.Foundings, StoreJson.Default.FoundingRecord).ConfigureAwait(false))
            Foundings[founding.Value.Conversation] = founding.Value;
        await foreach (var row in ReadAsync(StoreTable.Outbox, StoreJson.Default.OutboxRecord).ConfigureAwait(false))
            Outbox[_lastOrder = BinaryPrimitives.ReadUInt64BigEndian(row.Name.Span)] = row.Value;
        await foreach (var conversation in ReadAsync(StoreTable.Conversations, StoreJson.Default.ConversationRecord).ConfigureAwait(false))
            Conversations[conversation.Value.Id] = new(conversation.Value, await LoadGroupAsync(conversation.Value.Group).ConfigureAwait(false));
    }

    /// <summary>An own invite in memory, with the PSK that a joiner's Welcome asks for.</summary>
    public void Remember(InviteRecord invite)
    {
        Invites[invite.Id] = invite;
        PreSharedKeys.Add(invite.Id, InviteKeys.Derive(Crypto, RequireAccount().Id, invite.Relay, invite.Secret).Psk);
    }

    /// <summary>A join in memory, with the PSK that the own commit carries.</summary>
    public void Remember(JoinRecord join)
    {
        Joins[join.Invite] = join;
        PreSharedKeys.Add(join.Invite, InviteKeys.Derive(Crypto, InviteLink.Parse(join.Link)).Psk);
    }

    private async Task<MlsGroup> LoadGroupAsync(byte[] group)
    {
        var records = await _store.ReadAsync(StoreTable.Groups, group).ConfigureAwait(false);
        return Mls.Load(records.Select(record => new StateRecord(StoreChanges.ReadGroupKey(record.Key.Name.Span), record.Value)));
    }

    private async IAsyncEnumerable<(ReadOnlyMemory<byte> Name, T Value)> ReadAsync<T>(StoreTable table, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        foreach (var record in await _store.ReadAsync(table, default).ConfigureAwait(false))
            yield return (record.Key.Name, JsonSerializer.Deserialize(record.Value, type)!);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Leave(bool quietly)
    {
        _gate.Release();
        if (quietly)
            return;
        Interlocked.Exchange(ref _changed, NewSignal()).TrySetResult();
    }

    private sealed class Leaving(ClientState state) : IDisposable
    {
        private bool _left;

        public bool IsQuiet { get; init; }

        public void Dispose()
        {
            if (_left)
                return;
            _left = true;
            state.Leave(IsQuiet);
        }
    }
}
