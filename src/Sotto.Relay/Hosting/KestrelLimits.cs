using Microsoft.AspNetCore.Server.Kestrel.Core;
using Sotto.Relay.Storage;
using Sotto.Wire;

namespace Sotto.Relay.Hosting;

/// <summary>Kestrel's share of the limits in docs/threat-model.md; upgraded sockets count their own bytes.</summary>
internal static class KestrelLimits
{
    public static void Apply(KestrelServerLimits kestrel, RelayLimits limits)
    {
        kestrel.MaxRequestBodySize = Limits.LargeBody;
        kestrel.MaxRequestHeadersTotalSize = 16 * 1024;
        kestrel.MaxRequestLineSize = 2 * 1024;
        kestrel.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.MinRequestBodyDataRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        kestrel.KeepAliveTimeout = TimeSpan.FromSeconds(90);
        kestrel.MaxConcurrentUpgradedConnections = limits.Sockets;
        kestrel.MaxConcurrentConnections = limits.Sockets + 1000;
    }
}
