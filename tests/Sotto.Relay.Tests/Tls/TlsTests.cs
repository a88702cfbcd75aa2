using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using Sotto.Relay.Tests.Running;
using Sotto.Relay.Tls;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Records;

namespace Sotto.Relay.Tests.Tls;

/// <summary>Which certificate a relay shows, and what its signed statement says of it.</summary>
public sealed class TlsTests
{
    [Fact]
    public async Task The_statement_names_the_hash_of_the_certificate_that_the_handshake_shows()
    {
        await using var relay = await TestRelay.StartAsync(settings => settings with { AlwaysTls = true });
        var (shown, statement) = await LookAsync(relay);

        var address = Assert.Single(statement.Addresses);
        Assert.Equal((TransportProof.Spki, relay.Server.Address.GetLeftPart(UriPartial.Authority)), (address.Proof, address.Url));
        Assert.Equal(shown, Assert.Single(address.SpkiHashes));
        Assert.StartsWith("https://", address.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_own_certificate_is_closed_to_other_users()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes");
        await using var relay = await TestRelay.StartAsync(settings => settings with { AlwaysTls = true });
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(relay.Folder, "tls.pem")));
    }

    [Fact]
    public async Task Older_versions_of_Tls_are_refused()
    {
        await using var relay = await TestRelay.StartAsync(settings => settings with { AlwaysTls = true });
        using var handler = CheckedConnection.Looking();
        handler.SslOptions.EnabledSslProtocols = SslProtocols.Tls12;
        using var http = new HttpClient(handler);
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri(relay.Server.Address, Routes.Relay)));
        Assert.Equal(HttpRequestError.SecureConnectionError, refused.HttpRequestError);
    }

    [Fact]
    public async Task A_changed_certificate_is_taken_with_a_higher_statement_and_an_unusable_one_is_not()
    {
        using var files = new RelayFolder();
        var (certificate, key) = (Path.Combine(files.Path, "c.pem"), Path.Combine(files.Path, "k.pem"));
        var first = TestCertificate.Write(certificate, key, new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var log = new CollectedLog();
        await using var relay = await TestRelay.StartAsync(settings => settings with { Certificate = new TlsFiles(certificate, key) }, log);
        var before = await LookAsync(relay);
        Assert.Equal(first, before.Shown);

        var second = TestCertificate.Write(certificate, key, new(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc));
        relay.Server.ReloadCertificate();
        var after = await LookAsync(relay);
        Assert.Equal((second, second), (after.Shown, after.Statement.Addresses[0].SpkiHashes[0]));
        Assert.True(after.Statement.Number > before.Statement.Number);

        await File.WriteAllTextAsync(key, "no key");
        File.SetLastWriteTimeUtc(key, new(2026, 1, 3, 0, 0, 0, DateTimeKind.Utc));
        relay.Server.ReloadCertificate();
        relay.Server.ReloadCertificate();
        Assert.Equal(second, (await LookAsync(relay)).Shown);
        Assert.Equal("CertificateUnusable", Assert.Single(log.Events, line => line.Level == LogLevel.Error).Name);
        Assert.Contains("the certificate in the files cannot be used", await ReadyAsync(relay), StringComparison.Ordinal);

        var third = TestCertificate.Write(certificate, key, new(2026, 1, 4, 0, 0, 0, DateTimeKind.Utc));
        relay.Server.ReloadCertificate();
        Assert.Equal(third, (await LookAsync(relay)).Shown);
        Assert.Equal("ready", await ReadyAsync(relay));
    }

    [Fact]
    public async Task The_issuers_in_the_certificate_file_are_shown_too()
    {
        using var files = new RelayFolder();
        var (certificate, key) = (Path.Combine(files.Path, "c.pem"), Path.Combine(files.Path, "k.pem"));
        var intermediate = TestCertificate.WriteChain(certificate, key);
        await using var relay = await TestRelay.StartAsync(settings => settings with { Certificate = new TlsFiles(certificate, key) });
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, relay.Server.Address.Port);
        var sent = new List<Bytes32>();
        await using var tls = new SslStream(socket.GetStream(), false, (_, _, chain, _) =>
        {
            sent.AddRange(chain!.ChainPolicy.ExtraStore.Select(CheckedConnection.SpkiHashOf));
            return sent.Contains(intermediate);
        });
        await tls.AuthenticateAsClientAsync("relay.example");
        Assert.Contains(intermediate, sent);
    }

    [Fact]
    public async Task A_file_that_is_no_key_stops_the_start()
    {
        using var files = new RelayFolder();
        var path = Path.Combine(files.Path, "c.pem");
        await File.WriteAllTextAsync(path, "nothing");
        await Assert.ThrowsAsync<Relay.Storage.StorageException>(() => TestRelay.StartAsync(settings => settings with { Certificate = new TlsFiles(path, path) }));
    }

    [Fact]
    public async Task A_proxy_in_front_is_named_with_web_pki()
    {
        await using var relay = await TestRelay.StartAsync(settings => settings with { Public = new Uri("https://relay.example") });
        var (_, statement) = await LookAsync(relay);
        Assert.Equal([TransportProof.Loopback, TransportProof.WebPki], statement.Addresses.Select(address => address.Proof));
        Assert.Equal("https://relay.example", statement.Addresses[1].Url);
    }

    private static async Task<(Bytes32 Shown, RelayStatement Statement)> LookAsync(TestRelay relay)
    {
        Bytes32 shown = default;
        using var http = new HttpClient(CheckedConnection.Looking(hash => shown = hash));
        var answer = (await http.GetFromJsonAsync(new Uri(relay.Server.Address, Routes.Relay), RelayJson.Default.RelayAnswer))!;
        return (shown, RelayStatement.Decode(SignedRecord.Decode(answer.Statement).Body.Span));
    }

    private static async Task<string> ReadyAsync(TestRelay relay)
    {
        using var http = new HttpClient(CheckedConnection.Looking());
        using var answer = await http.GetAsync(new Uri(relay.Server.Address, Routes.Ready));
        Assert.True(answer.IsSuccessStatusCode);
        return await answer.Content.ReadAsStringAsync();
    }
}
