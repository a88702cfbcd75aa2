using System.Net;
using Sotto.Relay.Storage;
using Sotto.Relay.Tls;

namespace Sotto.Relay;

/// <summary>What an operator decides. The defaults are safe: loopback, registration by invite only, limits on.</summary>
public sealed record RelaySettings
{
    /// <summary>Where to listen. Anything but loopback is served with TLS 1.3 alone.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>Whether loopback is served with TLS too.</summary>
    public bool AlwaysTls { get; init; }

    /// <summary>The operator's certificate, which turns TLS on; without it the relay makes one of its own.</summary>
    public TlsFiles? Certificate { get; init; }

    /// <summary>HOST:PORT that clients use when the listening address is not what they reach.</summary>
    public string? Advertised { get; init; }

    /// <summary>The https URL of a proxy that ends TLS in front of this relay.</summary>
    public Uri? Public { get; init; }

    /// <summary>That proxy's address: limits for an address count the one that it forwards. Nobody else's word is taken.</summary>
    public IPAddress? Proxy { get; init; }

    /// <summary>The folder of everything that is stored; made when it is not there.</summary>
    public required string Folder { get; init; }

    /// <summary>Whether anybody may make an account without an invite.</summary>
    public bool OpenRegistration { get; init; }

    /// <summary>Whether only the operator's account may open invites.</summary>
    public bool OwnerInvites { get; init; }

    /// <summary>Where <c>/metrics</c> listens; null for nowhere.</summary>
    public IPEndPoint? Metrics { get; init; }

    /// <summary>An OpenTelemetry collector's URL for metrics; null for none.</summary>
    public Uri? Collector { get; init; }

    /// <summary>What may be stored and how many may connect.</summary>
    public RelayLimits Limits { get; init; } = new();

    internal bool UsesTls => AlwaysTls || Certificate is not null || !IPAddress.IsLoopback(Listen.Address);

    internal bool ListensEverywhere => Listen.Address.Equals(IPAddress.Any) || Listen.Address.Equals(IPAddress.IPv6Any);

    /// <summary>Refuses settings that cannot work together.</summary>
    /// <exception cref="SettingsException">The text says what to change.</exception>
    public void Check()
    {
        if (ListensEverywhere && Advertised is null && Public is null)
            throw new SettingsException("--listen on every address needs --address HOST:PORT, what clients connect to, or --public URL.");
        if (Proxy is not null && Public is null)
            throw new SettingsException("--behind-proxy needs --public URL, the proxy's own address: it is what clients connect to.");
        if (Public is { } url && (url.Scheme != Uri.UriSchemeHttps || url.PathAndQuery != "/" || url.UserInfo.Length > 0))
            throw new SettingsException("--public takes an https URL without a path: --public https://relay.example");
    }
}
