using System.Net.WebSockets;
using Google.Protobuf;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Tests.Attacks;

/// <summary>A client that asks the same again and again and takes no answer until it is told to listen.</summary>
internal sealed class DeafSocket(Batch request, int most) : WebSocket
{
    private readonly byte[] _request = request.ToByteArray();
    private readonly TaskCompletionSource _listens = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Messages that the relay took.</summary>
    public int Taken { get; private set; }

    /// <summary>Answers that it sent.</summary>
    public int Answers { get; private set; }

    public override WebSocketCloseStatus? CloseStatus => null;

    public override string? CloseStatusDescription => null;

    public override WebSocketState State => WebSocketState.Open;

    public override string? SubProtocol => null;

    public void Listen() => _listens.TrySetResult();

    public override ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (Taken >= most)
            return new(new ValueWebSocketReceiveResult(0, WebSocketMessageType.Close, true));
        if (buffer.IsEmpty)
            return new(new ValueWebSocketReceiveResult(0, WebSocketMessageType.Binary, false));
        Taken++;
        _request.CopyTo(buffer);
        return new(new ValueWebSocketReceiveResult(_request.Length, WebSocketMessageType.Binary, true));
    }

    public override async ValueTask SendAsync(ReadOnlyMemory<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
    {
        await _listens.Task;
        Answers += Batch.Parser.ParseFrom(buffer.ToArray()).Frames.Count(frame => frame.Request != 0);
    }

    public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) => throw new NotSupportedException();

    public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) => throw new NotSupportedException();

    public override void Abort() => Listen();

    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

    public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Dispose()
    {
        // Nothing is open.
    }
}
