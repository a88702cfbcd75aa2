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

    /// <summary>The folder of everything that is stored; made when it is not there.</summary>
    public required string Folder { get; init; }

    /// <summary>Whether anybody may make an account without an invite.</summary>
    public bool OpenRegistration { get; init; }

    /// <summary>What may be stored and how many may connect.</summary>
    public RelayLimits Limits { get; init; } = new();

    internal bool UsesTls => AlwaysTls || Certificate is not null || !IPAddress.IsLoopback(Listen.Address);
}
