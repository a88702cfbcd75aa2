using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sotto.Bench.Relay;

/// <summary>What disk and sockets give when nothing is done with what they carry.</summary>
internal static partial class Floor
{
    private const int Page = 4096;
    private const int FilePages = 1024;
    private const int Message = 640;

    /// <summary>Writes of so many pages with fdatasync after each, over a file that has its size already.</summary>
    public static double[] Flushes(string folder, int pages, double seconds)
    {
        var path = Path.Combine(folder, "floor");
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
        var block = new byte[pages * Page];
        Random.Shared.NextBytes(block);
        for (var at = 0L; at < FilePages * Page; at += block.Length)
            RandomAccess.Write(file, block, at);
        Flush(file);

        var times = new List<double>();
        var begun = Stopwatch.GetTimestamp();
        for (var at = 0L; Stopwatch.GetElapsedTime(begun).TotalSeconds < seconds; at = (at + block.Length) % (FilePages * Page))
        {
            var start = Stopwatch.GetTimestamp();
            RandomAccess.Write(file, block, at);
            Flush(file);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return [.. times.Order()];
    }

    /// <summary>Appends of so many pages with fsync after each, as SQLite writes its log: the file grows, so its length is flushed too.</summary>
    public static double[] Appends(string folder, int pages, double seconds)
    {
        using var file = File.OpenHandle(Path.Combine(folder, "floor"), FileMode.Create, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
        var block = new byte[pages * Page];
        Random.Shared.NextBytes(block);
        var times = new List<double>();
        var begun = Stopwatch.GetTimestamp();
        for (var at = 0L; Stopwatch.GetElapsedTime(begun).TotalSeconds < seconds; at += block.Length)
        {
            var start = Stopwatch.GetTimestamp();
            RandomAccess.Write(file, block, at);
            RandomAccess.FlushToDisk(file);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return [.. times.Order()];
    }

    /// <summary>Round trips per second of so many connections with one message in flight each; both ends in this process.</summary>
    public static async Task<double> EchoAsync(int connections, double seconds)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(connections);
        var sockets = new List<Socket>();
        var ends = new List<Task>();
        for (var i = 0; i < connections; i++)
        {
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await client.ConnectAsync(listener.LocalEndPoint!).ConfigureAwait(false);
            var server = await listener.AcceptAsync().ConfigureAwait(false);
            server.NoDelay = true;
            sockets.AddRange([client, server]);
            ends.Add(Task.Run(() => EchoAsync(server)));
        }

        var begun = Stopwatch.GetTimestamp();
        var trips = await Task.WhenAll(Enumerable.Range(0, connections).Select(i => Task.Run(() => AskAsync(sockets[2 * i], begun, seconds)))).ConfigureAwait(false);
        var rate = trips.Sum() / Stopwatch.GetElapsedTime(begun).TotalSeconds;
        sockets.ForEach(socket => socket.Dispose());
        return rate;
    }

    private static async Task<long> AskAsync(Socket socket, long begun, double seconds)
    {
        var message = new byte[Message];
        var trips = 0L;
        for (; Stopwatch.GetElapsedTime(begun).TotalSeconds < seconds; trips++)
        {
            await socket.SendAsync(message).ConfigureAwait(false);
            for (var got = 0; got < Message;)
                got += await socket.ReceiveAsync(message.AsMemory(got)).ConfigureAwait(false);
        }

        socket.Shutdown(SocketShutdown.Send);
        return trips;
    }

    private static async Task EchoAsync(Socket socket)
    {
        var buffer = new byte[Message];
        while (await socket.ReceiveAsync(buffer).ConfigureAwait(false) is > 0 and var got)
            await socket.SendAsync(buffer.AsMemory(0, got)).ConfigureAwait(false);
    }

    private static void Flush(SafeFileHandle file)
    {
        if (Synchronise(file) != 0)
            throw new IOException($"fdatasync failed with {Marshal.GetLastPInvokeError()}.");
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Synchronise(SafeFileHandle file);
}
