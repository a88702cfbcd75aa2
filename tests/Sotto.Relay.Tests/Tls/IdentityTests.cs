using System.Buffers.Text;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Tests.Tls;

/// <summary>AT-35, the relay's half: what it signs lets a client see a proxy or another relay before a token is sent.</summary>
public sealed class IdentityTests
{
    private static readonly string Token = Base64Url.EncodeToString(Bytes.Random(32));

    [Fact]
    public async Task The_relay_of_the_invite_gets_the_token()
    {
        await using var relay = await TestRelay.StartAsync(settings => settings with { AlwaysTls = true });
        using var connection = await CheckedConnection.OpenAsync(relay.Server.Address, relay.Server.Identity.Fingerprint);

        using var answer = await connection.SendTokenAsync(Token);
        Assert.Equal(ProblemTypes.Of(RelayProblem.Refused).Status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_proxy_with_another_certificate_is_seen_and_gets_no_token()
    {
        await using var relay = await TestRelay.StartAsync(settings => settings with { AlwaysTls = true });
        await using var proxy = new ListeningProxy(relay.Server.Address);

        var seen = await Assert.ThrowsAsync<WrongRelayException>(() => CheckedConnection.OpenAsync(proxy.Address, relay.Server.Identity.Fingerprint));
        Assert.Equal("certificate", seen.Message);
        Assert.Contains("GET /v1/relay", proxy.Heard, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, proxy.Heard, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_hears_the_token_of_a_client_that_does_not_check()
    {
        await using var relay = await TestRelay.StartAsync(settings => settings with { AlwaysTls = true });
        await using var proxy = new ListeningProxy(relay.Server.Address);
        using var http = new HttpClient(CheckedConnection.Looking());
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(proxy.Address, "/v1/relay"));
        request.Headers.Add("Sotto-Token", Token);

        Assert.Equal(HttpStatusCode.OK, (await http.SendAsync(request)).StatusCode);
        Assert.Contains(Token, proxy.Heard, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_relay_with_another_identity_is_seen()
    {
        await using var relay = await TestRelay.StartAsync(settings => settings with { AlwaysTls = true });
        await using var other = await TestRelay.StartAsync(settings => settings with { AlwaysTls = true });

        var seen = await Assert.ThrowsAsync<WrongRelayException>(() => CheckedConnection.OpenAsync(other.Server.Address, relay.Server.Identity.Fingerprint));
        Assert.Equal("identity", seen.Message);
    }

    /// <summary>Ends TLS with a certificate of its own and passes everything on, listening.</summary>
    private sealed class ListeningProxy : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly X509Certificate2 _certificate = TestCertificate.Make("localhost");
        private readonly StringBuilder _heard = new();
        private readonly CancellationTokenSource _end = new();
        private readonly Task _accepting;

        public ListeningProxy(Uri relay)
        {
            _listener.Start();
            Address = new($"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
            _accepting = AcceptAsync(relay);
        }

        public Uri Address { get; }

        public string Heard
        {
            get
            {
                lock (_heard)
                    return _heard.ToString();
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await _accepting;
            _listener.Dispose();
            _certificate.Dispose();
            _end.Dispose();
        }

        private async Task AcceptAsync(Uri relay)
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync(_end.Token);
                    await PassAsync(client, relay);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // One side is gone, or the test is over.
            }
        }

        private async Task PassAsync(TcpClient client, Uri relay)
        {
            await using var near = new SslStream(client.GetStream());
            await near.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _end.Token);
            using var upstream = new HttpClient(CheckedConnection.Looking());
            var buffer = new byte[16 * 1024];
            var read = await near.ReadAsync(buffer, _end.Token);
            lock (_heard)
                _heard.Append(Encoding.ASCII.GetString(buffer, 0, read));
            var body = await upstream.GetByteArrayAsync(new Uri(relay, "/v1/relay"), _end.Token);
            await near.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n"), _end.Token);
            await near.WriteAsync(body, _end.Token);
            read = await near.ReadAsync(buffer, _end.Token);
            lock (_heard)
                _heard.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }
    }
}
