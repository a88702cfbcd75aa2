using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Sotto.Relay.Hosting;

namespace Sotto.Relay.Operating;

/// <summary>
/// Lets the operator's commands talk with a running relay: HTTP over a Unix socket in the relay's folder, which nobody else may
/// enter. It says numbers and prunes; it knows nothing of accounts or channels.
/// </summary>
internal sealed class OperatorSocket : IAsyncDisposable
{
    internal const string FileName = "relay.sock";
    internal const string StatusPath = "/status";
    internal const string PrunePath = "/prune";

    /// <summary>What systems take as a socket's path, in bytes.</summary>
    private const int LongestPath = 100;

    private readonly WebApplication _web;
    private readonly string _path;

    private OperatorSocket(WebApplication web, string path) => (_web, _path) = (web, path);

    /// <summary>Listens in a folder that this process holds; null when its path is too long for a socket.</summary>
    public static async Task<OperatorSocket?> OpenAsync(string folder, Func<RelayNow> now, Func<Task<PruneReport>> prune, HttpProblems problems)
    {
        var path = Path.Combine(folder, FileName);
        if (Encoding.UTF8.GetByteCount(path) > LongestPath)
            return null;
        File.Delete(path);
        var web = BareWeb.Build(kestrel => kestrel.ListenUnixSocket(path));
        web.Use(next => context => problems.HandleAsync(context, next));
        web.MapGet(StatusPath, (RequestDelegate)(context => HttpExchange.AnswerAsync(context, now(), OperatorJson.Default.RelayNow)));
        web.MapPost(PrunePath, (RequestDelegate)(async context => await HttpExchange.AnswerAsync(context, await prune().ConfigureAwait(false), OperatorJson.Default.PruneReport).ConfigureAwait(false)));
        await web.StartAsync().ConfigureAwait(false);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return new(web, path);
    }

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync().ConfigureAwait(false);
        File.Delete(_path);
    }
}
