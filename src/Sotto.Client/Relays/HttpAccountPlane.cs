using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;

namespace Sotto.Client.Relays;

/// <summary>The account plane over HTTP. Requests that are signed share a connection; the others never carry a login.</summary>
internal sealed class HttpAccountPlane(HttpClient http, Bytes32 relayKey) : IAccountPlane
{
    public Task<RegisterAnswer> RegisterAsync(RequestSigner signer, RegisterRequest request, CancellationToken cancellationToken) =>
        AskAsync(signer, HttpMethod.Post, Routes.Accounts, Json(request, RelayJson.Default.RegisterRequest), RelayJson.Default.RegisterAnswer, cancellationToken);

    public Task PublishReachabilityAsync(RequestSigner signer, byte[] record, CancellationToken cancellationToken) =>
        TellAsync(signer, HttpMethod.Put, Routes.Reachability, Json(new(record), RelayJson.Default.RecordRequest), cancellationToken);

    public Task<KeyPackagesAnswer> AddKeyPackagesAsync(RequestSigner signer, KeyPackagesRequest request, CancellationToken cancellationToken) =>
        AskAsync(signer, HttpMethod.Put, Routes.KeyPackages, Json(request, RelayJson.Default.KeyPackagesRequest), RelayJson.Default.KeyPackagesAnswer, cancellationToken);

    public Task<KeyPackagesAnswer> CountKeyPackagesAsync(RequestSigner signer, CancellationToken cancellationToken) =>
        AskAsync(signer, HttpMethod.Get, Routes.KeyPackages, [], RelayJson.Default.KeyPackagesAnswer, cancellationToken);

    public Task<VouchersAnswer> AddVouchersAsync(RequestSigner signer, VouchersRequest request, CancellationToken cancellationToken) =>
        AskAsync(signer, HttpMethod.Post, Routes.Vouchers, Json(request, RelayJson.Default.VouchersRequest), RelayJson.Default.VouchersAnswer, cancellationToken);

    public Task AddInviteAsync(RequestSigner signer, InviteRequest request, CancellationToken cancellationToken) =>
        TellAsync(signer, HttpMethod.Post, Routes.Invites, Json(request, RelayJson.Default.InviteRequest), cancellationToken);

    public Task RevokeInviteAsync(RequestSigner signer, RevokeRequest request, CancellationToken cancellationToken) =>
        TellAsync(signer, HttpMethod.Post, Routes.RevokeInvite, Json(request, RelayJson.Default.RevokeRequest), cancellationToken);

    public Task ChangeContactTokensAsync(RequestSigner signer, ContactTokensRequest request, CancellationToken cancellationToken) =>
        TellAsync(signer, HttpMethod.Post, Routes.ContactTokens, Json(request, RelayJson.Default.ContactTokensRequest), cancellationToken);

    public Task<DirectoryAnswer> ReadDirectoryAsync(Bytes32 account, Bytes32 token, CancellationToken cancellationToken) =>
        ReadAsync(Target(Routes.Directory, account), token, RelayJson.Default.DirectoryAnswer, cancellationToken);

    public async Task<byte[]> ReadCardAsync(Bytes32 account, Bytes32 token, CancellationToken cancellationToken) =>
        (await ReadAsync(Target(Routes.Card, account), token, RelayJson.Default.CardAnswer, cancellationToken).ConfigureAwait(false)).Card;

    public Task<ClaimAnswer> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, Routes.ClaimKeyPackages) { Content = new ByteArrayContent(Json(request, RelayJson.Default.ClaimRequest)) };
        return SendAsync(message, RelayJson.Default.ClaimAnswer, cancellationToken);
    }

    private Task<T> ReadAsync<T>(string target, Bytes32 token, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var message = new HttpRequestMessage(HttpMethod.Get, target);
        message.Headers.Add(SottoHeaders.Token, Base64Url.EncodeToString(token.ToArray()));
        return SendAsync(message, type, cancellationToken);
    }

    private async Task<T> AskAsync<T>(RequestSigner signer, HttpMethod method, string target, byte[] body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var message = await SignAsync(signer, method, target, body, cancellationToken).ConfigureAwait(false);
        return await SendAsync(message, type, cancellationToken).ConfigureAwait(false);
    }

    private async Task TellAsync(RequestSigner signer, HttpMethod method, string target, byte[] body, CancellationToken cancellationToken)
    {
        var message = await SignAsync(signer, method, target, body, cancellationToken).ConfigureAwait(false);
        using var response = await SendAsync(message, cancellationToken).ConfigureAwait(false);
    }

    private async Task<HttpRequestMessage> SignAsync(RequestSigner signer, HttpMethod method, string target, byte[] body, CancellationToken cancellationToken)
    {
        var nonce = await SendAsync(new(HttpMethod.Get, Routes.Nonce), RelayJson.Default.NonceAnswer, cancellationToken).ConfigureAwait(false);
        if (nonce.Nonce.Length != Bytes32.Length)
            throw new RelayRefusedException(RelayProblem.BadNonce);
        var message = new HttpRequestMessage(method, target);
        if (body.Length > 0)
            message.Content = new ByteArrayContent(body);
        message.Headers.Add(SottoHeaders.Account, Base64Url.EncodeToString(signer.Account.Value.ToArray()));
        message.Headers.Add(SottoHeaders.Key, Base64Url.EncodeToString(signer.Key.ToArray()));
        message.Headers.Add(SottoHeaders.Nonce, Base64Url.EncodeToString(nonce.Nonce));
        message.Headers.Add(SottoHeaders.Signature, Base64Url.EncodeToString(signer.Sign(relayKey, method.Method, target, body, new(nonce.Nonce))));
        return message;
    }

    private async Task<T> SendAsync<T>(HttpRequestMessage message, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(message, cancellationToken).ConfigureAwait(false);
        try
        {
            var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            return await JsonSerializer.DeserializeAsync(stream, type, cancellationToken).ConfigureAwait(false) ?? throw new JsonException();
        }
        catch (Exception failure) when (HttpFailures.IsConnection(failure, cancellationToken))
        {
            throw HttpFailures.Unreachable(failure);
        }
    }

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, CancellationToken cancellationToken) =>
        HttpSending.SendAsync(http, message, cancellationToken);

    private static byte[] Json<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);

    private static string Target(string route, Bytes32 account) =>
        route.Replace("{account}", Base64Url.EncodeToString(account.ToArray()), StringComparison.Ordinal);
}
