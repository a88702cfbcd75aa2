namespace Sotto.Relay.Hosting;

/// <summary>What a relay opened, to be closed in the opposite order, also when opening stops halfway.</summary>
internal sealed class Owned : IAsyncDisposable
{
    private readonly Stack<object> _parts = new();

    /// <summary>Takes over a part that is <see cref="IDisposable"/> or <see cref="IAsyncDisposable"/>.</summary>
    public T Add<T>(T part)
        where T : class
    {
        _parts.Push(part);
        return part;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        while (_parts.TryPop(out var part))
        {
            if (part is IAsyncDisposable slow)
                await slow.DisposeAsync().ConfigureAwait(false);
            else
                ((IDisposable)part).Dispose();
        }
    }
}
