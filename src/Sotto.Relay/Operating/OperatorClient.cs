using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Sotto.Crypto;
using Sotto.Relay.Storage;

namespace Sotto.Relay.Operating;

/// <summary>The operator's commands beside a relay.</summary>
public static class OperatorClient
{
    /// <summary>What a running relay says; null when none answers.</summary>
    public static Task<RelayNow?> AskAsync(string folder, CancellationToken cancellationToken) =>
        SendAsync(folder, HttpMethod.Get, OperatorSocket.StatusPath, OperatorJson.Default.RelayNow, cancellationToken);

    /// <summary>Drops what is too old: by the relay itself while it runs, otherwise by this process.</summary>
    /// <exception cref="SettingsException">There is no relay.</exception>
    /// <exception cref="StorageException">A relay runs that cannot be asked, or the disk refused.</exception>
    public static async Task<PruneReport> PruneAsync(string folder, ICryptoProvider crypto, TimeProvider time, CancellationToken cancellationToken) =>
        await SendAsync(folder, HttpMethod.Post, OperatorSocket.PrunePath, OperatorJson.Default.PruneReport, cancellationToken).ConfigureAwait(false)
        ?? await Pruning.RunAsync(folder, crypto, time).ConfigureAwait(false);

    private static async Task<T?> SendAsync<T>(string folder, HttpMethod method, string target, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        var path = Path.Combine(folder, OperatorSocket.FileName);
        if (!File.Exists(path))
            return null;
        using var http = new HttpClient(Through(path)) { Timeout = Timeout.InfiniteTimeSpan };
        using var request = new HttpRequestMessage(method, new Uri("http://relay" + target));
        try
        {
            using var answer = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            return answer.IsSuccessStatusCode
                ? await answer.Content.ReadFromJsonAsync(type, cancellationToken).ConfigureAwait(false)
                : throw new StorageException(StorageFailure.Failed, $"The relay could not do it: {(int)answer.StatusCode}. See its log.");
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException)
        {
            return null;
        }
    }

    private static SocketsHttpHandler Through(string path) => new()
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };
}

/// <summary>JSON of the operator's commands.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RelayNow))]
[JsonSerializable(typeof(PruneReport))]
[JsonSerializable(typeof(RelayStatus))]
[JsonSerializable(typeof(BackupManifest))]
public sealed partial class OperatorJson : JsonSerializerContext;
