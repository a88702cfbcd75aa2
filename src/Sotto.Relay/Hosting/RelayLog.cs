using Microsoft.Extensions.Logging;
using Sotto.Relay.Storage;

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

    [LoggerMessage(4, LogLevel.Error, "The certificate in the files cannot be used, the old one goes on: {Files}")]
    public static partial void CertificateUnusable(this ILogger log, string files);

    [LoggerMessage(5, LogLevel.Warning, "The folder's path is too long for a socket: sotto relay status sees the files alone, and prune needs the relay stopped.")]
    public static partial void NoOperatorSocket(this ILogger log);

    [LoggerMessage(6, LogLevel.Error, "The {Plane} database cannot store: {Failure}.")]
    public static partial void StorageTrouble(this ILogger log, string plane, StorageFailure failure);

    [LoggerMessage(7, LogLevel.Information, "The {Plane} database stores again.")]
    public static partial void StorageMended(this ILogger log, string plane);

    [LoggerMessage(8, LogLevel.Error, "Too little of the disk is free: nothing more is stored.")]
    public static partial void DiskTight(this ILogger log);

    [LoggerMessage(9, LogLevel.Information, "Enough of the disk is free again.")]
    public static partial void DiskHasRoom(this ILogger log);

    [LoggerMessage(10, LogLevel.Error, "A request failed in a way that nobody foresaw: {Exception}.")]
    public static partial void Unforeseen(this ILogger log, string exception);

    [LoggerMessage(11, LogLevel.Information, "Pruned: {Entries} entries and {Blobs} blobs are left.")]
    public static partial void Pruned(this ILogger log, long entries, long blobs);

    [LoggerMessage(12, LogLevel.Warning, "Ended {Streams} streams that took nothing any more.")]
    public static partial void StalledEnded(this ILogger log, int streams);
}
