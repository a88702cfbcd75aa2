using System.Net.WebSockets;
using System.Security.Authentication;

namespace Sotto.Client.Relays;

/// <summary>Makes connections to one URL of a relay that all accept the same certificates, with TLS 1.3 alone.</summary>
internal sealed class HttpTransport(Uri url, TimeSpan patience)
{
    public Uri Url => url;

    public TransportPins Pins { get; } = new();

    /// <summary>A client with connections of its own, which the caller disposes. In a browser the browser checks the certificate.</summary>
    public HttpClient NewClient()
    {
        if (OperatingSystem.IsBrowser())
            return new() { BaseAddress = url, Timeout = patience };
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false };
        handler.SslOptions.EnabledSslProtocols = SslProtocols.Tls13;
        handler.SslOptions.RemoteCertificateValidationCallback = Pins.Accepts;
        return new(handler) { BaseAddress = url, Timeout = patience };
    }

    /// <summary>A socket that is not connected yet.</summary>
    public ClientWebSocket NewSocket()
    {
        var socket = new ClientWebSocket();
        if (!OperatingSystem.IsBrowser())
            socket.Options.RemoteCertificateValidationCallback = Pins.Accepts;
        return socket;
    }
}
