using System.Net.Http.Json;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
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
    public async Task The_certificate_of_another_relay_is_not_the_one_that_the_statement_names()
    {
        await using var relay = await TestRelay.StartAsync(settings => settings with { AlwaysTls = true });
        await using var other = await TestRelay.StartAsync(settings => settings with { AlwaysTls = true });
        var named = (await LookAsync(relay)).Statement.Addresses[0].SpkiHashes[0];
        using var handler = Trusting(hash => hash == named);
        using var http = new HttpClient(handler);

        using var answer = await http.GetAsync(new Uri(relay.Server.Address, Routes.Relay));
        Assert.True(answer.IsSuccessStatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri(other.Server.Address, Routes.Relay)));
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
        using var handler = Trusting(_ => true);
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
        var first = Write(certificate, key, new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        await using var relay = await TestRelay.StartAsync(settings => settings with { Certificate = new TlsFiles(certificate, key) });
        var before = await LookAsync(relay);
        Assert.Equal(first, before.Shown);

        var second = Write(certificate, key, new(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc));
        relay.Server.ReloadCertificate();
        var after = await LookAsync(relay);
        Assert.Equal((second, second), (after.Shown, after.Statement.Addresses[0].SpkiHashes[0]));
        Assert.True(after.Statement.Number > before.Statement.Number);

        await File.WriteAllTextAsync(key, "no key");
        File.SetLastWriteTimeUtc(key, new(2026, 1, 3, 0, 0, 0, DateTimeKind.Utc));
        relay.Server.ReloadCertificate();
        Assert.Equal(second, (await LookAsync(relay)).Shown);
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
        using var http = new HttpClient(Trusting(hash => (shown = hash) == hash));
        var answer = (await http.GetFromJsonAsync(new Uri(relay.Server.Address, Routes.Relay), RelayJson.Default.RelayAnswer))!;
        return (shown, RelayStatement.Decode(SignedRecord.Decode(answer.Statement).Body.Span));
    }

    private static SocketsHttpHandler Trusting(Func<Bytes32, bool> isTrusted)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            isTrusted(Bytes32.HashOf(((X509Certificate2)certificate!).PublicKey.ExportSubjectPublicKeyInfo()));
        return handler;
    }

    private static Bytes32 Write(string certificate, string key, DateTime written)
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest("CN=relay.example", pair, HashAlgorithmName.SHA256)
            .CreateSelfSigned(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2036, 1, 1, 0, 0, 0, TimeSpan.Zero));
        File.WriteAllText(certificate, made.ExportCertificatePem());
        File.WriteAllText(key, pair.ExportPkcs8PrivateKeyPem());
        File.SetLastWriteTimeUtc(certificate, written);
        File.SetLastWriteTimeUtc(key, written);
        return Bytes32.HashOf(pair.ExportSubjectPublicKeyInfo());
    }
}
