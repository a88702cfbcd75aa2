using System.Net.Http.Json;
using System.Text.Json;
using Sotto.Crypto;
using Sotto.Wire.Http;

namespace Sotto.Client.Relays;

/// <summary>Relays over HTTP and WebSocket.</summary>
/// <param name="crypto">The primitives.</param>
/// <param name="time">The clock.</param>
public sealed class HttpRelays(ICryptoProvider crypto, TimeProvider time) : IRelays
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <inheritdoc/>
    public async Task<IRelay> ConnectAsync(RelayEndpoint endpoint, ulong lowestStatement, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        Exception? last = null;
        foreach (var text in endpoint.Urls)
        {
            var url = new Uri(text);
            if (url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback)
                throw new ClientException(ClientFailure.RelayNotGenuine, "Without TLS a relay is used on this machine alone.");
            try
            {
                return await ConnectAsync(endpoint, url, lowestStatement, cancellationToken).ConfigureAwait(false);
            }
            catch (RelayUnreachableException unreachable)
            {
                last = unreachable;
            }
        }

        throw last ?? new RelayUnreachableException("The relay has no address.");
    }

    private async Task<IRelay> ConnectAsync(RelayEndpoint endpoint, Uri url, ulong lowestStatement, CancellationToken cancellationToken)
    {
        var transport = new HttpTransport(url, Patience);
        var http = transport.NewClient();
        try
        {
            var answer = await http.GetFromJsonAsync(Routes.Relay, RelayJson.Default.RelayAnswer, cancellationToken).ConfigureAwait(false)
                ?? throw new JsonException();
            var (statement, address) = StatementCheck.Require(crypto, endpoint, url, answer.Statement, lowestStatement, time.GetUtcNow());
            if (!transport.Pins.TryRequire(address) && !OperatingSystem.IsBrowser())
                throw StatementCheck.NotGenuine("The relay's certificate is not one that its statement names.");
            return new HttpRelay(http, transport, statement);
        }
        catch (Exception failure)
        {
            http.Dispose();
            if (HttpFailures.IsConnection(failure, cancellationToken))
                throw HttpFailures.Unreachable(failure);
            throw;
        }
    }
}
