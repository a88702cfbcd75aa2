using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Records;

namespace Sotto.Client.Relays;

/// <summary>A relay that was checked, over HTTP for the account plane and a connection of its own for each thing of the mailbox plane.</summary>
internal sealed class HttpRelay : IRelay
{
    private readonly HttpClient _accounts;
    private readonly HttpClient _blobs;
    private readonly HttpTransport _transport;

    public HttpRelay(HttpClient accounts, HttpTransport transport, RelayStatement statement)
    {
        (_accounts, _transport) = (accounts, transport);
        _blobs = transport.NewClient();
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
        var scheme = _transport.Url.Scheme == Uri.UriSchemeHttps ? "wss" : "ws";
        return await WebSocketStream.ConnectAsync(new($"{scheme}://{_transport.Url.Authority}{Routes.Stream}"), _transport.NewSocket(), cancellationToken).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync()
    {
        _accounts.Dispose();
        _blobs.Dispose();
        return ValueTask.CompletedTask;
    }
}
