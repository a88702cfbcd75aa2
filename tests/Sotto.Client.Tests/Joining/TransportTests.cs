using System.Net;
using Sotto.Client.Relays;
using Sotto.Client.Tests.Running;
using Sotto.Relay.Hosting;
using Sotto.Relay.Storage;
using Sotto.Wire;
using Sotto.Wire.Records;

namespace Sotto.Client.Tests.Joining;

public sealed class TransportTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sotto-tls-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_relay_with_a_certificate_of_its_own_is_reached_when_its_statement_names_the_key()
    {
        await using var server = await StartAsync();
        await using var relay = await ConnectAsync(server, server.Identity.Fingerprint);

        await using var stream = await relay.OpenStreamAsync(default);

        Assert.Equal(server.Identity.Key, relay.IdentityKey);
        Assert.Equal(8, stream.Incarnation.Length);
    }

    [Fact]
    public async Task Another_relay_at_the_address_is_refused()
    {
        await using var server = await StartAsync();

        Assert.Equal(ClientFailure.RelayNotGenuine, (await Assert.ThrowsAsync<ClientException>(() => ConnectAsync(server, new(new byte[16])))).Failure);
    }

    [Fact]
    public void A_certificate_whose_key_the_statement_does_not_name_is_refused_then_and_later()
    {
        using var named = NewCertificate();
        using var other = NewCertificate();
        var address = new RelayAddress("https://192.0.2.7", TransportProof.Spki, [Bytes32.HashOf(named.PublicKey.ExportSubjectPublicKeyInfo())]);
        var (honest, attacked) = (new TransportPins(), new TransportPins());
        const System.Net.Security.SslPolicyErrors unknown = System.Net.Security.SslPolicyErrors.RemoteCertificateChainErrors;

        Assert.True(honest.Accepts(this, named, null, unknown));
        Assert.True(attacked.Accepts(this, other, null, unknown));

        Assert.True(honest.TryRequire(address));
        Assert.False(attacked.TryRequire(address));
        Assert.True(honest.Accepts(this, named, null, unknown));
        Assert.False(honest.Accepts(this, other, null, System.Net.Security.SslPolicyErrors.None));
    }

    [Fact]
    public void Behind_a_proxy_only_what_the_system_trusts_is_taken()
    {
        using var certificate = NewCertificate();
        var address = new RelayAddress("https://relay.example", TransportProof.WebPki, []);
        var (trusted, untrusted) = (new TransportPins(), new TransportPins());

        trusted.Accepts(this, certificate, null, System.Net.Security.SslPolicyErrors.None);
        untrusted.Accepts(this, certificate, null, System.Net.Security.SslPolicyErrors.RemoteCertificateNameMismatch);

        Assert.True(trusted.TryRequire(address));
        Assert.False(untrusted.TryRequire(address));
        Assert.False(trusted.Accepts(this, certificate, null, System.Net.Security.SslPolicyErrors.RemoteCertificateChainErrors));
    }

    private static System.Security.Cryptography.X509Certificates.X509Certificate2 NewCertificate()
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=relay", key, System.Security.Cryptography.HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
    }

    private Task<RelayServer> StartAsync() => RelayServer.StartAsync(
        new() { Listen = new(IPAddress.Loopback, 0), Folder = _folder.FullName, AlwaysTls = true, Limits = new RelayLimits { FreeDisk = 0 } }, TestPerson.Crypto, TimeProvider.System);

    private static Task<IRelay> ConnectAsync(RelayServer server, Bytes16 fingerprint) =>
        new HttpRelays(TestPerson.Crypto, TimeProvider.System).ConnectAsync(new([$"https://{server.Address.Authority}"], fingerprint), 0, default);
}
