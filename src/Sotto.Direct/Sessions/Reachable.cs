using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Sotto.Direct.Invites;

namespace Sotto.Direct.Sessions;

/// <summary>The addresses of this machine that somebody else might reach.</summary>
internal static class Reachable
{
    /// <summary>What the person named first, then the machine's own: IPv4 before IPv6, loopback only when there is no other.</summary>
    public static IReadOnlyList<HostAddress> Addresses(IPAddress? bound, int port, HostAddress? named)
    {
        var own = bound is null ? OfThisMachine() : [bound];
        var found = own.Select(address => new HostAddress(address.ToString(), port));
        return [.. (named is { } first ? found.Prepend(first) : found).Distinct().Take(DirectInvite.MaxAddresses)];
    }

    private static IReadOnlyList<IPAddress> OfThisMachine()
    {
        IPAddress[] all;
        try
        {
            all = [.. NetworkInterface.GetAllNetworkInterfaces()
                .Where(card => card.OperationalStatus == OperationalStatus.Up)
                .SelectMany(card => card.GetIPProperties().UnicastAddresses)
                .Select(unicast => unicast.Address)
                .Where(address => !IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal && !IsLinkLocal(address))
                .OrderBy(address => address.AddressFamily == AddressFamily.InterNetworkV6)];
        }
        catch (NetworkInformationException)
        {
            all = [];
        }

        return all.Length > 0 ? all : [IPAddress.Loopback];
    }

    private static bool IsLinkLocal(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [169, 254, ..];
}
