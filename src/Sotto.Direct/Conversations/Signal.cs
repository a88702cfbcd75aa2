using System.Threading.Channels;

namespace Sotto.Direct.Conversations;

/// <summary>Wakes one waiter; several calls before it waits count as one.</summary>
internal sealed class Signal
{
    private readonly Channel<bool> _channel = System.Threading.Channels.Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public void Set() => _channel.Writer.TryWrite(true);

    public async ValueTask WaitAsync(CancellationToken cancellationToken) => await _channel.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
}
