using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Records;

namespace Sotto.Client.Relays;

/// <summary>A relay that was checked, over HTTP for the account plane and a connection of its own for each thing of the mailbox plane.</summary>
internal sealed class HttpRelay : IRelay
{
    private readonly HttpClient _accounts;
    private readonly HttpClient _blobs;
    private readonly Uri _url;

    public HttpRelay(HttpClient accounts, Uri url, RelayStatement statement, TimeSpan patience)
    {
        (_accounts, _url) = (accounts, url);
        _blobs = new() { BaseAddress = url, Timeout = patience };
        IdentityKey = statement.IdentityKey;
        StatementNumber = statement.Number;
        Accounts = new HttpAccountPlane(accounts, statement.IdentityKey);
        Blobs = new HttpBlobs(_blobs);
    }

    public Bytes32 IdentityKey { get; }

    public ulong StatementNumber { get; }

    public IAccountPlane Accounts { get; }

    public IBlobs Blobs { get; }

    public async Task<IMailboxStream> OpenStreamAsync(CancellationToken cancellationToken)
    {
        var scheme = _url.Scheme == Uri.UriSchemeHttps ? "wss" : "ws";
        return await WebSocketStream.ConnectAsync(new($"{scheme}://{_url.Authority}{Routes.Stream}"), cancellationToken).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync()
    {
        _accounts.Dispose();
        _blobs.Dispose();
        return ValueTask.CompletedTask;
    }
}
