using Sotto.Client.Relays;
using Sotto.Client.Storage;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Stream;

namespace Sotto.Client.Tests.Running;

/// <summary>The client was killed at a point: everything that it does from then on fails.</summary>
internal sealed class KilledException() : Exception("Killed here.");

/// <summary>
/// Counts everything that a client does to its store and its relay, and kills it before or after the n-th: after, it was carried
/// out and nobody lived to see the answer.
/// </summary>
internal sealed class Crashes
{
    private readonly TaskCompletionSource _killed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly int _at;
    private readonly bool _isAfter;
    private int _count;

    /// <summary>Never kills, and counts.</summary>
    public Crashes()
        : this(int.MaxValue, false)
    {
    }

    public Crashes(int at, bool isAfter) => (_at, _isAfter) = (at, isAfter);

    /// <summary>How many things were done.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Completes when it was killed.</summary>
    public Task Killed => _killed.Task;

    public async Task<T> DoAsync<T>(Func<Task<T>> work)
    {
        var dies = Begin();
        if (dies && !_isAfter)
            throw Kill();
        var result = await work();
        return dies || _killed.Task.IsCompleted ? throw Kill() : result;
    }

    public Task DoAsync(Func<Task> work) => DoAsync(async () =>
    {
        await work();
        return true;
    });

    private bool Begin()
    {
        lock (_gate)
        {
            if (_killed.Task.IsCompleted)
                throw Kill();
            return _count++ == _at;
        }
    }

    private KilledException Kill()
    {
        _killed.TrySetResult();
        return new KilledException();
    }
}

/// <summary>A store that crashes.</summary>
internal sealed class CrashingStore(IClientStore inner, Crashes crashes) : IClientStore
{
    public ValueTask<byte[]?> FindAsync(RecordKey key, CancellationToken cancellationToken = default) => inner.FindAsync(key, cancellationToken);

    public ValueTask<IReadOnlyList<StoredRecord>> ReadAsync(StoreTable table, ReadOnlyMemory<byte> scope, CancellationToken cancellationToken = default) =>
        inner.ReadAsync(table, scope, cancellationToken);

    public ValueTask<IReadOnlyList<StoredRecord>> ReadBeforeAsync(StoreTable table, ReadOnlyMemory<byte> scope, ulong before, int most, CancellationToken cancellationToken = default) =>
        inner.ReadBeforeAsync(table, scope, before, most, cancellationToken);

    public async ValueTask CommitAsync(StoreChanges changes, CancellationToken cancellationToken = default) =>
        await crashes.DoAsync(() => inner.CommitAsync(changes, cancellationToken).AsTask());

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}

/// <summary>Relays whose connections crash.</summary>
internal sealed class CrashingRelays(IRelays inner, Crashes crashes) : IRelays
{
    public async Task<IRelay> ConnectAsync(RelayEndpoint endpoint, ulong lowestStatement, CancellationToken cancellationToken) =>
        new CrashingRelay(await crashes.DoAsync(() => inner.ConnectAsync(endpoint, lowestStatement, cancellationToken)), crashes);

    private sealed class CrashingRelay(IRelay relay, Crashes crashes) : IRelay
    {
        public Bytes32 IdentityKey => relay.IdentityKey;

        public ulong StatementNumber => relay.StatementNumber;

        public IAccountPlane Accounts => new CrashingAccounts(relay.Accounts, crashes);

        public IBlobs Blobs => new CrashingBlobs(relay.Blobs, crashes);

        public async Task<IMailboxStream> OpenStreamAsync(CancellationToken cancellationToken) =>
            new CrashingStream(await crashes.DoAsync(() => relay.OpenStreamAsync(cancellationToken)), crashes);

        public ValueTask DisposeAsync() => relay.DisposeAsync();
    }

    private sealed class CrashingBlobs(IBlobs blobs, Crashes crashes) : IBlobs
    {
        public Task PutAsync(BlobUpload upload, CancellationToken cancellationToken) => crashes.DoAsync(() => blobs.PutAsync(upload, cancellationToken));

        public Task<byte[]> GetAsync(Bytes16 channel, Bytes16 blob, Bytes32 capability, CancellationToken cancellationToken) =>
            crashes.DoAsync(() => blobs.GetAsync(channel, blob, capability, cancellationToken));
    }

    private sealed class CrashingStream(IMailboxStream stream, Crashes crashes) : IMailboxStream
    {
        public ReadOnlyMemory<byte> Incarnation => stream.Incarnation;

        public Task<Frame> AskAsync(Frame frame, CancellationToken cancellationToken) => crashes.DoAsync(() => stream.AskAsync(frame, cancellationToken));

        public Task TellAsync(Frame frame, CancellationToken cancellationToken) => crashes.DoAsync(() => stream.TellAsync(frame, cancellationToken));

        public IAsyncEnumerable<Frame> ToldAsync(CancellationToken cancellationToken) => stream.ToldAsync(cancellationToken);

        public ValueTask DisposeAsync() => stream.DisposeAsync();
    }

    private sealed class CrashingAccounts(IAccountPlane accounts, Crashes crashes) : IAccountPlane
    {
        public Task<RegisterAnswer> RegisterAsync(RequestSigner signer, RegisterRequest request, CancellationToken cancellationToken) =>
            crashes.DoAsync(() => accounts.RegisterAsync(signer, request, cancellationToken));

        public Task PublishReachabilityAsync(RequestSigner signer, byte[] record, CancellationToken cancellationToken) =>
            crashes.DoAsync(() => accounts.PublishReachabilityAsync(signer, record, cancellationToken));

        public Task<KeyPackagesAnswer> AddKeyPackagesAsync(RequestSigner signer, KeyPackagesRequest request, CancellationToken cancellationToken) =>
            crashes.DoAsync(() => accounts.AddKeyPackagesAsync(signer, request, cancellationToken));

        public Task<KeyPackagesAnswer> CountKeyPackagesAsync(RequestSigner signer, CancellationToken cancellationToken) =>
            crashes.DoAsync(() => accounts.CountKeyPackagesAsync(signer, cancellationToken));

        public Task<VouchersAnswer> AddVouchersAsync(RequestSigner signer, VouchersRequest request, CancellationToken cancellationToken) =>
            crashes.DoAsync(() => accounts.AddVouchersAsync(signer, request, cancellationToken));

        public Task AddInviteAsync(RequestSigner signer, InviteRequest request, CancellationToken cancellationToken) =>
            crashes.DoAsync(() => accounts.AddInviteAsync(signer, request, cancellationToken));

        public Task RevokeInviteAsync(RequestSigner signer, RevokeRequest request, CancellationToken cancellationToken) =>
            crashes.DoAsync(() => accounts.RevokeInviteAsync(signer, request, cancellationToken));

        public Task ChangeContactTokensAsync(RequestSigner signer, ContactTokensRequest request, CancellationToken cancellationToken) =>
            crashes.DoAsync(() => accounts.ChangeContactTokensAsync(signer, request, cancellationToken));

        public Task<DirectoryAnswer> ReadDirectoryAsync(Bytes32 account, Bytes32 token, CancellationToken cancellationToken) =>
            crashes.DoAsync(() => accounts.ReadDirectoryAsync(account, token, cancellationToken));

        public Task<byte[]> ReadCardAsync(Bytes32 account, Bytes32 token, CancellationToken cancellationToken) =>
            crashes.DoAsync(() => accounts.ReadCardAsync(account, token, cancellationToken));

        public Task<ClaimAnswer> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken) =>
            crashes.DoAsync(() => accounts.ClaimAsync(request, cancellationToken));
    }
}
