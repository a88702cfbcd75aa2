using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Sotto.Relay.Hosting;

/// <summary>
/// The address that limits count. Loopback and the named proxy itself do not count; what the proxy forwards does. An IPv6 address
/// counts as its /64, which one customer has whole.
/// </summary>
internal sealed class ClientAddresses(RelaySettings settings)
{
    /// <summary>A request's; null for one that does not count.</summary>
    public IPAddress? Of(HttpContext context) => Counted(context.Connection.RemoteIpAddress);

    private IPAddress? Counted(IPAddress? address)
    {
        if (address is null || IPAddress.IsLoopback(address) || address.Equals(settings.Proxy))
            return null;
        if (address.IsIPv4MappedToIPv6)
            return Counted(address.MapToIPv4());
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new(bytes);
    }
}
