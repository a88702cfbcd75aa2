using System.Net.Sockets;
using Sotto.Crypto;
using Sotto.Direct.Handshake;
using Sotto.Direct.Identities;
using Sotto.Direct.Wire;

namespace Sotto.Direct.Links;

/// <summary>
/// An authenticated connection: messages in and out over one stream. One thread reads and one writes; they share nothing
/// but the rounds of exchange, which the protocol itself orders. Owns the stream, the handshake's result and all keys.
/// </summary>
internal sealed class Link : IAsyncDisposable
{
    private readonly ICryptoProvider _crypto;
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _time;
    private readonly Stream _stream;
    private readonly FrameReader _incoming;
    private readonly FrameWriter _outgoing = new();
    private readonly SendingChannel _sending;
    private readonly ReceivingChannel _receiving;
    private readonly DirectRole _role;

    public Link(ICryptoProvider crypto, TimeProvider time, Stream stream, FrameReader incoming, DirectRole role, Identity self, HandshakeResult handshake)
    {
        (_crypto, _time, _stream, _incoming, _role) = (crypto, time, stream, incoming, role);
        Handshake = handshake;
        Rounds = new(crypto, self, handshake);
        _sending = new(crypto, time, new MessageChain(crypto, handshake.Root, role));
        _receiving = new(crypto, new MessageChain(crypto, handshake.Root, Other(role)));
        _incoming.MaxBody = ReceivingChannel.MaxToken;
        handshake.Root.Dispose();
    }

    public HandshakeResult Handshake { get; }

    public ExchangeRounds Rounds { get; }

    /// <summary>Messages in both directions since the last exchange.</summary>
    public ulong Count => _sending.Count + _receiving.Count;

    /// <summary>Bytes sealed and not yet flushed.</summary>
    public int Pending => _outgoing.Length;

    /// <summary>Where the next body may be put together; see <see cref="Seal(MessageType, int)"/>.</summary>
    public Span<byte> Body => _sending.Body;

    public void Seal(MessageType type, ReadOnlySpan<byte> body) => _sending.Seal(type, body, _outgoing);

    public void Seal(MessageType type, int bodyLength) => _sending.Seal(type, bodyLength, _outgoing);

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_outgoing.Length == 0)
            return;
        await _stream.WriteAsync(_outgoing.Written, cancellationToken).ConfigureAwait(false);
        _outgoing.Clear();
    }

    /// <summary>Opens the next message that has arrived whole.</summary>
    public bool TryTake(out Message message)
    {
        message = default;
        if (!_incoming.TryTake(out var frame))
            return false;
        if (frame.Type != FrameType.Token)
            throw DirectException.Token();
        message = _receiving.Open(frame.Body);
        return true;
    }

    /// <summary>Waits for more bytes.</summary>
    /// <returns>False when the other side closed the connection.</returns>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        var count = await _stream.ReadAsync(_incoming.Space(), cancellationToken).ConfigureAwait(false);
        _incoming.Pushed(count);
        return count > 0;
    }

    /// <summary>Sends under the keys of a new root from here on.</summary>
    public void SwitchSending(Secret root) => _sending.SwitchTo(new(_crypto, root, _role));

    /// <summary>Opens under the keys of a new root from here on.</summary>
    public void SwitchReceiving(Secret root) => _receiving.SwitchTo(new(_crypto, root, Other(_role)));

    /// <summary>
    /// Ends this direction and waits for the end of the other, so that nothing sealed is lost to bytes that arrive meanwhile.
    /// </summary>
    public async ValueTask CloseAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_stream is NetworkStream network)
                network.Socket.Shutdown(SocketShutdown.Send);
            using var limit = new CancellationTokenSource(CloseLimit, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            var rest = new byte[4096];
            while (await _stream.ReadAsync(rest, either.Token).ConfigureAwait(false) > 0)
            {
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The other side is gone already.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync().ConfigureAwait(false);
        _sending.Dispose();
        _receiving.Dispose();
        Rounds.Dispose();
        Handshake.Dispose();
    }

    private static DirectRole Other(DirectRole role) => role == DirectRole.Host ? DirectRole.Joiner : DirectRole.Host;
}
