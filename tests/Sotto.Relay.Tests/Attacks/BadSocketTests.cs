using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Sotto.Relay.Tests.Running;

namespace Sotto.Relay.Tests.Attacks;

/// <summary>Bytes on an open WebSocket that RFC 6455 does not allow, or that are far too many: the connection ends, the relay goes on.</summary>
public sealed class BadSocketTests
{
    private const byte Final = 0x80;
    private const byte Masked = 0x80;

    public static TheoryData<string, byte[]> Frames => new()
    {
        { "continuation without a start", Frame(Final | 0x0, [1]) },
        { "compressed", Frame(Final | 0x40 | 0x2, [1]) },
        { "reserved bits", Frame(Final | 0x30 | 0x2, [1]) },
        { "reserved opcode", Frame(Final | 0x5, [1]) },
        { "not masked", [Final | 0x2, 1, 1] },
        { "fragmented ping", Frame(0x9, [1]) },
        { "ping of 126 bytes", Frame(Final | 0x9, new byte[126]) },
        { "length of 2^63 - 1", [Final | 0x2, Masked | 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0] },
        { "length of 2^64 - 1", [Final | 0x2, Masked | 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0] },
        { "length of 2^30, and nothing", [Final | 0x2, Masked | 127, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0] },
        { "text that is not UTF-8", Frame(Final | 0x1, [0xc0, 0x80]) },
        { "a start inside a message", [.. Frame(0x2, [1]), .. Frame(Final | 0x2, [1])] },
        { "close code that is none", Frame(Final | 0x8, [0, 1]) },
        { "close of one byte", Frame(Final | 0x8, [1]) },
        { "half a header", [Final] },
        { "half a frame", Frame(Final | 0x2, new byte[100])[..50] },
        { "more than a message may hold, in pieces", [.. Frame(0x2, new byte[60_000]), .. Enumerable.Repeat(Frame(0x0, new byte[60_000]), 20).SelectMany(frame => frame)] },
        { "a message of a hundred thousand empty pieces", [.. Frame(0x2, []), .. Enumerable.Repeat(Frame(0x0, []), 100_000).SelectMany(frame => frame), .. Frame(Final, [])] },
        { "a hundred thousand pings", [.. Enumerable.Repeat(Frame(Final | 0x9, [1]), 100_000).SelectMany(frame => frame)] },
    };

    [Theory]
    [MemberData(nameof(Frames))]
    public async Task A_bad_socket_ends_and_others_go_on(string name, byte[] bytes)
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        await using var stream = await relay.ConnectAsync();
        var channel = await TestChannel.CreateAsync(stream, ann);
        var before = DatabaseDump.Of(relay.Folder);
        using (var socket = await UpgradeAsync(relay.Server.Address))
        {
            var reading = ReadToEndAsync(socket.GetStream());
            await SendAsync(socket, bytes);
            socket.Client.Shutdown(SocketShutdown.Send);
            await reading.WaitAsync(StreamClient.Patience);
        }

        Assert.True(before == DatabaseDump.Of(relay.Folder), name);
        await stream.AskAsync(channel.Message([1]));
    }

    /// <summary>The relay may end the connection before it has read everything.</summary>
    private static async Task SendAsync(TcpClient socket, byte[] bytes)
    {
        try
        {
            await socket.GetStream().WriteAsync(bytes).AsTask().WaitAsync(StreamClient.Patience);
        }
        catch (IOException)
        {
            // It did.
        }
    }

    private static async Task ReadToEndAsync(NetworkStream stream)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await stream.ReadAsync(buffer) > 0)
            {
                // Pongs, and a close.
            }
        }
        catch (IOException)
        {
            // Reset.
        }
    }

    private static async Task<TcpClient> UpgradeAsync(Uri relay)
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, relay.Port);
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"GET /v1/stream HTTP/1.1\r\nHost: {relay.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"));
        var answer = new StringBuilder();
        var one = new byte[1];
        while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await socket.GetStream().ReadExactlyAsync(one).AsTask().WaitAsync(StreamClient.Patience);
            answer.Append((char)one[0]);
        }

        Assert.StartsWith("HTTP/1.1 101", answer.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("deflate", answer.ToString(), StringComparison.OrdinalIgnoreCase);
        return socket;
    }

    /// <summary>A masked frame; a mask of zeros leaves the payload as it is.</summary>
    private static byte[] Frame(int first, byte[] payload)
    {
        if (payload.Length < 126)
            return [(byte)first, (byte)(Masked | payload.Length), 0, 0, 0, 0, .. payload];
        var length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)payload.Length);
        return [(byte)first, Masked | 126, .. length, 0, 0, 0, 0, .. payload];
    }
}
