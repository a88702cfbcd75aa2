using Microsoft.Extensions.Logging;

namespace Sotto.Relay.Hosting;

/// <summary>
/// Everything that a relay logs. Fields are numbers, names of failures and of the operator's files: never an id,
/// an address of a client, a token or a size (docs/threat-model.md). A test holds each field against a list.
/// </summary>
internal static partial class RelayLog
{
    [LoggerMessage(2, LogLevel.Information, "Draining {Streams} streams.")]
    public static partial void Draining(this ILogger log, int streams);

    [LoggerMessage(3, LogLevel.Information, "Another certificate is in use.")]
    public static partial void CertificateChanged(this ILogger log);

    [LoggerMessage(4, LogLevel.Error, "The certificate in the files cannot be used, the old one goes on: {Reason}")]
    public static partial void CertificateUnusable(this ILogger log, string reason);

    [LoggerMessage(5, LogLevel.Warning, "The folder's path is too long for a socket: sotto relay status sees the files alone, and prune needs the relay stopped.")]
    public static partial void NoOperatorSocket(this ILogger log);
}
