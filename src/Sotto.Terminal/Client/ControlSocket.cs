using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Sotto.Client;

namespace Sotto.Terminal.Client;

/// <summary>
/// A socket in the profile's folder, for its owner alone, over which other processes hand their verbs to the one that holds the
/// profile. A connection is one request, replies, and the exit code; whoever closes it takes the request back.
/// </summary>
internal sealed class ControlSocket : IAsyncDisposable
{
    private const int LongestRequest = 128 * 1024;
    private const int MostCallers = 16;

    private readonly SottoClient _client;
    private readonly Socket _socket;
    private readonly CancellationTokenSource _ending = new();
    private readonly SemaphoreSlim _callers = new(MostCallers);
    private readonly Task _accepting;

    private ControlSocket(SottoClient client, Socket socket)
    {
        (_client, _socket) = (client, socket);
        _accepting = AcceptAsync();
    }

    private static string Path => System.IO.Path.Combine(ClientProfile.Folder, "control.sock");

    /// <summary>Opens it; whoever calls holds the profile, so that one that is there is left over.</summary>
    public static ControlSocket Open(SottoClient client)
    {
        File.Delete(Path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        socket.Listen();
        return new(client, socket);
    }

    /// <summary>Hands a verb to whoever holds the profile, and says what comes back.</summary>
    /// <returns>The exit code; null when nobody listens there.</returns>
    public static async Task<int?> TryHandOverAsync(VerbRequest request, Action<VerbReply> say, CancellationToken cancellation)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path), cancellation).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            return null;
        }

        var stream = new NetworkStream(socket);
        await using (stream.ConfigureAwait(false))
        {
            await stream.WriteAsync((byte[])[.. JsonSerializer.SerializeToUtf8Bytes(request, VerbJson.Default.VerbRequest), (byte)'\n'], cancellation).ConfigureAwait(false);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            while (await reader.ReadLineAsync(cancellation).ConfigureAwait(false) is { } line)
            {
                var reply = JsonSerializer.Deserialize(line, VerbJson.Default.VerbReply)!;
                if (reply.Exit is { } code)
                    return code;
                say(reply);
            }
        }

        throw new ClientException(ClientFailure.StoreTaken, "The program that holds this profile ended meanwhile. Try again.");
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        _socket.Dispose();
        await _accepting.ConfigureAwait(false);
        for (var i = 0; i < MostCallers; i++)
            await _callers.WaitAsync().ConfigureAwait(false);
        File.Delete(Path);
        _callers.Dispose();
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                await _callers.WaitAsync(_ending.Token).ConfigureAwait(false);
                Socket caller;
                try
                {
                    caller = await _socket.AcceptAsync(_ending.Token).ConfigureAwait(false);
                }
                catch
                {
                    _callers.Release();
                    throw;
                }

                _ = ServeAsync(caller);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The profile is being closed.
        }
    }

    private async Task ServeAsync(Socket caller)
    {
        try
        {
            var stream = new NetworkStream(caller, ownsSocket: true);
            await using (stream.ConfigureAwait(false))
                await ServeAsync(stream).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or JsonException or ObjectDisposedException)
        {
            // The caller is gone, or what it said is no request.
        }
        finally
        {
            _callers.Release();
        }
    }

    private async Task ServeAsync(NetworkStream stream)
    {
        if (await ReadRequestAsync(stream).ConfigureAwait(false) is not { } request)
            return;
        using var taken = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        var leaving = LeaveAsync(stream, taken);
        var code = await new Verbs(_client, reply => WriteAsync(stream, reply, taken.Token)).RunAsync(request, taken.Token).ConfigureAwait(false);
        await WriteAsync(stream, new(Exit: code), _ending.Token).ConfigureAwait(false);
        await taken.CancelAsync().ConfigureAwait(false);
        await leaving.ConfigureAwait(false);
    }

    private async Task<VerbRequest?> ReadRequestAsync(NetworkStream stream)
    {
        var buffer = new byte[LongestRequest];
        var length = 0;
        while (length < buffer.Length)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), _ending.Token).ConfigureAwait(false);
            if (read == 0)
                return null;
            length += read;
            if (buffer[length - 1] == '\n')
                return JsonSerializer.Deserialize(buffer.AsSpan(0, length - 1), VerbJson.Default.VerbRequest);
        }

        return null;
    }

    /// <summary>The caller says nothing more: reading ends when it is gone.</summary>
    private static async Task LeaveAsync(NetworkStream stream, CancellationTokenSource taken)
    {
        try
        {
            while (await stream.ReadAsync(new byte[64], taken.Token).ConfigureAwait(false) > 0)
            {
                // Not part of the exchange.
            }

            await taken.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // Either way it is over.
        }
    }

    private static ValueTask WriteAsync(NetworkStream stream, VerbReply reply, CancellationToken cancellation) =>
        stream.WriteAsync((byte[])[.. JsonSerializer.SerializeToUtf8Bytes(reply, VerbJson.Default.VerbReply), (byte)'\n'], cancellation);
}
