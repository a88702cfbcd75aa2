using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Records;

namespace Sotto.Relay.Tests.Running;

/// <summary>The relay is not the one of the invite, or somebody stands in between.</summary>
public sealed class WrongRelayException(string reason) : Exception(reason);

/// <summary>
/// What a client does on each connection before it sends anything that is its own (docs/protocol): the identity is the invite's,
/// it signed the statement, and the statement names the certificate of this connection.
/// </summary>
public sealed class CheckedConnection : IDisposable
{
    private readonly HttpClient _http;
    private Bytes32 _shown;
    private Bytes32? _checked;

    private CheckedConnection(Uri relay)
    {
        var handler = new SocketsHttpHandler { MaxConnectionsPerServer = 1 };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            _shown = SpkiHashOf(certificate!);
            return _checked is null || _checked == _shown;
        };
        _http = new(handler) { BaseAddress = relay };
    }

    public static async Task<CheckedConnection> OpenAsync(Uri relay, Bytes16 fingerprint)
    {
        var connection = new CheckedConnection(relay);
        try
        {
            await connection.CheckAsync(fingerprint);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static Bytes32 SpkiHashOf(X509Certificate certificate) => Bytes32.HashOf(((X509Certificate2)certificate).PublicKey.ExportSubjectPublicKeyInfo());

    /// <summary>A handler that takes any certificate and says which one it was.</summary>
    [SuppressMessage("Security", "CA5359", Justification = "A test that looks at what a relay shows trusts nothing and sends nothing.")]
    public static SocketsHttpHandler Looking(Action<Bytes32>? shown = null)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            shown?.Invoke(SpkiHashOf(certificate!));
            return true;
        };
        return handler;
    }

    /// <summary>Sends a token, as a joiner's first own request does.</summary>
    public Task<HttpResponseMessage> SendTokenAsync(string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, Routes.Card.Replace("{account}", new string('A', 43), StringComparison.Ordinal));
        request.Headers.Add(SottoHeaders.Token, token);
        return _http.SendAsync(request);
    }

    public void Dispose() => _http.Dispose();

    private async Task CheckAsync(Bytes16 fingerprint)
    {
        var answer = (await _http.GetFromJsonAsync(Routes.Relay, RelayJson.Default.RelayAnswer))!;
        var signed = SignedRecord.Decode(answer.Statement);
        var statement = RelayStatement.Decode(signed.Body.Span);
        if (RelayStatement.FingerprintOf(statement.IdentityKey) != fingerprint)
            throw new WrongRelayException("identity");
        if (!TestRelay.Crypto.Ed25519Verify(statement.IdentityKey.ToArray(), SignContent.Encode(SignContent.RelayStatement, signed.Body.Span), signed.Signature.Span))
            throw new WrongRelayException("signature");
        if (!statement.Addresses.Any(address => address.Proof == TransportProof.Spki && address.SpkiHashes.Contains(_shown)))
            throw new WrongRelayException("certificate");
        _checked = _shown;
    }
}
