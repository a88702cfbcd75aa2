using System.Threading.Channels;

namespace Sotto.Client;

/// <summary>What happens to a client, from when this was made until it is disposed.</summary>
public sealed class EventListener : IDisposable
{
    private readonly ChannelReader<ClientEvent> _events;
    private readonly Action _end;

    internal EventListener(ChannelReader<ClientEvent> events, Action end) => (_events, _end) = (events, end);

    /// <summary>In order, until the client is disposed.</summary>
    public IAsyncEnumerable<ClientEvent> ReadAsync(CancellationToken cancellationToken = default) => _events.ReadAllAsync(cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _end();
}
