using Sotto.Crypto;
using Sotto.Crypto.Native;
using Sotto.Direct.Handshake;
using Sotto.Direct.Links;
using Sotto.Direct.Wire;

namespace Sotto.Bench;

/// <summary>One message after the other through both channels, without a socket: what the keys and tokens alone cost.</summary>
internal sealed class ChannelWork : IDisposable
{
    private readonly SendingChannel _sending;
    private readonly ReceivingChannel _receiving;
    private readonly FrameWriter _frames = new();
    private readonly int _bodyLength;

    public ChannelWork(int bodyLength)
    {
        _bodyLength = bodyLength;
        var crypto = new NativeCryptoProvider();
        using var root = Secret.Create(Schedule.KeyLength, out _);
        _sending = new(crypto, TimeProvider.System, new MessageChain(crypto, root, DirectRole.Joiner));
        _receiving = new(crypto, new MessageChain(crypto, root, DirectRole.Joiner));
    }

    public void SealAndOpen()
    {
        _frames.Clear();
        _sending.Seal(MessageType.Line, _bodyLength, _frames);
        _receiving.Open(_frames.Written.Span[Frame.HeaderLength..]);
    }

    public void Dispose()
    {
        _sending.Dispose();
        _receiving.Dispose();
    }
}
