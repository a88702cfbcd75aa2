using System.Net.WebSockets;
using System.Text.Json;

namespace Sotto.Client.Relays;

/// <summary>Which exceptions of the network stack mean that the relay is out of reach.</summary>
internal static class HttpFailures
{
    public static bool IsConnection(Exception failure, CancellationToken cancellationToken) => failure switch
    {
        HttpRequestException or WebSocketException or IOException or JsonException or ObjectDisposedException => true,
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        _ => false,
    };

    public static RelayUnreachableException Unreachable(Exception cause) => new("The relay cannot be reached.", cause);
}
