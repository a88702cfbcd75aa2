using System.Net;
using Sotto.Relay.Storage;

namespace Sotto.Relay;

/// <summary>What an operator decides. The defaults are safe: loopback, registration by invite only, limits on.</summary>
public sealed record RelaySettings
{
    /// <summary>Where to listen. Anything but loopback needs TLS.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>The folder of everything that is stored; made when it is not there.</summary>
    public required string Folder { get; init; }

    /// <summary>Whether anybody may make an account without an invite.</summary>
    public bool OpenRegistration { get; init; }

    /// <summary>What may be stored and how many may connect.</summary>
    public RelayLimits Limits { get; init; } = new();
}
