using Sotto.Client;
using Sotto.Client.Relays;
using Sotto.Wire;
using Sotto.Wire.Http;

namespace Sotto.Simulation.Tests.Twin;

/// <summary>How calls of one client get to the twin and answers back.</summary>
internal interface IRoad
{
    /// <summary>A request on its own, with its answer or refusal.</summary>
    Task<T> AskAsync<T>(string what, Func<T> work, CancellationToken cancellationToken);

    /// <summary>A stream whose requests keep their order.</summary>
    Task<IMailboxStream> OpenStreamAsync(CancellationToken cancellationToken);
}

/// <summary>The twin as a client sees it, over a road.</summary>
internal sealed class TwinRelays(TwinRelay twin, IRoad road) : IRelays
{
    public Task<IRelay> ConnectAsync(RelayEndpoint endpoint, ulong lowestStatement, CancellationToken cancellationToken) => road.AskAsync<IRelay>(
        "connect", () => endpoint.Fingerprint == twin.Fingerprint && lowestStatement <= 1
            ? new Relay(twin, road)
            : throw new ClientException(ClientFailure.RelayNotGenuine, "Another relay is here."), cancellationToken);

    private sealed class Relay(TwinRelay twin, IRoad road) : IRelay
    {
        public Bytes32 IdentityKey => twin.IdentityKey;

        public ulong StatementNumber => 1;

        public IAccountPlane Accounts { get; } = new AccountPlane(twin.Accounts, road);

        public IBlobs Blobs { get; } = new BlobPlane(twin.Channels, road);

        public Task<IMailboxStream> OpenStreamAsync(CancellationToken cancellationToken) => road.OpenStreamAsync(cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class BlobPlane(TwinChannels channels, IRoad road) : IBlobs
    {
        public Task PutAsync(BlobUpload upload, CancellationToken cancellationToken) => road.AskAsync("put blob", () => Do(() => channels.PutBlob(upload)), cancellationToken);

        public Task<byte[]> GetAsync(Bytes16 channel, Bytes16 blob, Bytes32 capability, CancellationToken cancellationToken) =>
            road.AskAsync("get blob", () => channels.GetBlob(channel, blob, capability), cancellationToken);
    }

    private sealed class AccountPlane(TwinAccounts accounts, IRoad road) : IAccountPlane
    {
        public Task<RegisterAnswer> RegisterAsync(RequestSigner signer, RegisterRequest request, CancellationToken cancellationToken) =>
            road.AskAsync("register", () => accounts.Register(signer, request), cancellationToken);

        public Task PublishReachabilityAsync(RequestSigner signer, byte[] record, CancellationToken cancellationToken) =>
            road.AskAsync("reachability", () => Do(() => accounts.PublishReachability(signer, record)), cancellationToken);

        public Task<KeyPackagesAnswer> AddKeyPackagesAsync(RequestSigner signer, KeyPackagesRequest request, CancellationToken cancellationToken) =>
            road.AskAsync("add packages", () => accounts.AddKeyPackages(signer, request), cancellationToken);

        public Task<KeyPackagesAnswer> CountKeyPackagesAsync(RequestSigner signer, CancellationToken cancellationToken) =>
            road.AskAsync("count packages", () => accounts.CountKeyPackages(signer), cancellationToken);

        public Task<VouchersAnswer> AddVouchersAsync(RequestSigner signer, VouchersRequest request, CancellationToken cancellationToken) =>
            road.AskAsync("vouchers", () => accounts.AddVouchers(signer, request), cancellationToken);

        public Task AddInviteAsync(RequestSigner signer, InviteRequest request, CancellationToken cancellationToken) =>
            road.AskAsync("invite", () => Do(() => accounts.AddInvite(signer, request)), cancellationToken);

        public Task RevokeInviteAsync(RequestSigner signer, RevokeRequest request, CancellationToken cancellationToken) =>
            road.AskAsync("revoke", () => Do(() => accounts.RevokeInvite(signer, request)), cancellationToken);

        public Task ChangeContactTokensAsync(RequestSigner signer, ContactTokensRequest request, CancellationToken cancellationToken) =>
            road.AskAsync("contact tokens", () => Do(() => accounts.ChangeContactTokens(signer, request)), cancellationToken);

        public Task<DirectoryAnswer> ReadDirectoryAsync(Bytes32 account, Bytes32 token, CancellationToken cancellationToken) =>
            road.AskAsync("directory", () => accounts.ReadDirectory(account, token), cancellationToken);

        public Task<byte[]> ReadCardAsync(Bytes32 account, Bytes32 token, CancellationToken cancellationToken) =>
            road.AskAsync("card", () => accounts.ReadCard(account, token), cancellationToken);

        public Task<ClaimAnswer> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken) =>
            road.AskAsync("claim", () => accounts.Claim(request), cancellationToken);
    }

    private static bool Do(Action work)
    {
        work();
        return true;
    }
}
