using System.Buffers.Text;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Records;

namespace Sotto.Relay.Tests.Running;

/// <summary>Somebody with an account and one device, as a client of the account plane.</summary>
public sealed class Person(Uri relay, Bytes32 relayKey) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = relay };

    public AccountKeys Keys { get; init; } = new();

    public SigningKey Device { get; set; } = new();

    /// <summary>The newest list.</summary>
    public SignedRecord List { get; set; } = null!;

    /// <summary>Vouchers that the mailbox plane knows.</summary>
    public Queue<byte[]> Vouchers { get; } = [];

    /// <summary>The same person at another address, or at a relay that was started again.</summary>
    public Person At(Uri address, Bytes32 key) => new(address, key) { Keys = Keys, Device = Device, List = List };

    public string Id => Base64Url.EncodeToString(Keys.Id.ToArray());

    public async Task<RegisterAnswer> RegisterAsync(byte[]? token = null, byte[]? receipt = null)
    {
        List ??= Keys.List(null, Device);
        var request = new RegisterRequest(Keys.Genesis, [List.Encode()], token, receipt);
        return await AskAsync(HttpMethod.Post, Routes.Accounts, request, RelayJson.Default.RegisterRequest, RelayJson.Default.RegisterAnswer);
    }

    public async Task<VouchersAnswer> AddVouchersAsync(int count, byte[]? id = null)
    {
        var vouchers = Enumerable.Range(0, count).Select(_ => Bytes.Random(32)).ToList();
        var answer = await AskVouchersAsync(id ?? Bytes.Random(16), vouchers);
        vouchers.ForEach(Vouchers.Enqueue);
        return answer;
    }

    public Task<VouchersAnswer> AskVouchersAsync(byte[] id, IEnumerable<byte[]> vouchers) => AskAsync(
        HttpMethod.Post, Routes.Vouchers, new VouchersRequest(id, [.. vouchers.Select(Bytes.Hash)]), RelayJson.Default.VouchersRequest, RelayJson.Default.VouchersAnswer);

    /// <summary>A signed request with an answer.</summary>
    public async Task<TAnswer> AskAsync<TRequest, TAnswer>(HttpMethod method, string target, TRequest request, JsonTypeInfo<TRequest> type, JsonTypeInfo<TAnswer> answer, SigningKey? key = null)
    {
        using var response = await SendAsync(method, target, JsonSerializer.SerializeToUtf8Bytes(request, type), key);
        return await ReadAsync(response, answer);
    }

    /// <summary>A signed request without an answer.</summary>
    public async Task TellAsync<TRequest>(HttpMethod method, string target, TRequest request, JsonTypeInfo<TRequest> type, SigningKey? key = null)
    {
        using var response = await SendAsync(method, target, JsonSerializer.SerializeToUtf8Bytes(request, type), key);
        await RequireAsync(response);
    }

    public async Task<TAnswer> GetAsync<TAnswer>(string target, JsonTypeInfo<TAnswer> answer, byte[]? token = null, SigningKey? key = null)
    {
        if (token is null)
        {
            using var signed = await SendAsync(HttpMethod.Get, target, [], key);
            return await ReadAsync(signed, answer);
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, target);
        request.Headers.Add(SottoHeaders.Token, Base64Url.EncodeToString(token));
        using var response = await _http.SendAsync(request);
        return await ReadAsync(response, answer);
    }

    /// <summary>A request without login, as claims of key packages are.</summary>
    public async Task<TAnswer> PostAsync<TRequest, TAnswer>(string target, TRequest request, JsonTypeInfo<TRequest> type, JsonTypeInfo<TAnswer> answer)
    {
        using var response = await _http.PostAsJsonAsync(target, request, type);
        return await ReadAsync(response, answer);
    }

    /// <summary>A signed request; the parts can be replaced to make it wrong.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string target, byte[] body, SigningKey? key = null, byte[]? nonce = null, Bytes32? forRelay = null, byte[]? bodyToSign = null, string? targetToSign = null)
    {
        key ??= Device;
        nonce ??= await NonceAsync();
        var toSign = new SignedRequest(
            forRelay ?? relayKey, Keys.Id, key.Public, method.Method, targetToSign ?? target, Bytes32.HashOf(bodyToSign ?? body), new(nonce)).ToSign();
        using var request = new HttpRequestMessage(method, target);
        if (body.Length > 0)
            request.Content = new ByteArrayContent(body);
        request.Headers.Add(SottoHeaders.Account, Id);
        request.Headers.Add(SottoHeaders.Key, Base64Url.EncodeToString(key.Public.ToArray()));
        request.Headers.Add(SottoHeaders.Nonce, Base64Url.EncodeToString(nonce));
        request.Headers.Add(SottoHeaders.Signature, Base64Url.EncodeToString(key.Sign(toSign)));
        return await _http.SendAsync(request);
    }

    public async Task<byte[]> NonceAsync()
    {
        using var response = await _http.GetAsync(Routes.Nonce);
        return (await ReadAsync(response, RelayJson.Default.NonceAnswer)).Nonce;
    }

    /// <summary>Whether a key may not act for the account.</summary>
    public async Task<bool> IsRefusedAsync(SigningKey key)
    {
        using var response = await SendAsync(HttpMethod.Get, Routes.KeyPackages, [], key);
        Assert.Contains(response.StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.Forbidden });
        return response.StatusCode == HttpStatusCode.Forbidden;
    }

    /// <summary>The same person at a relay that was started again.</summary>
    public Person At(RelayProcess relay) => new(relay.Address, relay.Key) { Keys = Keys, Device = Device, List = List };

    /// <summary>A target of a route that names an account.</summary>
    public string Target(string route) => route.Replace("{account}", Id, StringComparison.Ordinal);

    public void Dispose() => _http.Dispose();

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type)
    {
        await RequireAsync(response);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync(type))!;
    }

    private static async Task RequireAsync(HttpResponseMessage response)
    {
        if (response.IsSuccessStatusCode)
            return;
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = (await response.Content.ReadFromJsonAsync(RelayJson.Default.ProblemBody))!;
        Assert.Equal((int)response.StatusCode, problem.Status);
        throw new ProblemException(problem.Type);
    }
}
