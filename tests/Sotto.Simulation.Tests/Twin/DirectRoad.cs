using System.Threading.Channels;
using Sotto.Client.Relays;
using Sotto.Wire.Stream;

namespace Sotto.Simulation.Tests.Twin;

/// <summary>A road without any way: every call is carried out at once, and what there is to push is pushed.</summary>
internal sealed class DirectRoad(TwinRelay twin) : IRoad
{
    private readonly Dictionary<TwinConnection, Channel<Frame>> _told = [];

    /// <summary>Ends every stream, as a relay does that stops.</summary>
    public void Cut()
    {
        lock (_told)
        {
            foreach (var (connection, told) in _told)
            {
                twin.Close(connection);
                told.Writer.TryComplete();
            }

            _told.Clear();
        }
    }

    public Task<T> AskAsync<T>(string what, Func<T> work, CancellationToken cancellationToken)
    {
        lock (_told)
        {
            try
            {
                return Task.FromResult(work());
            }
            catch (Exception refused)
            {
                return Task.FromException<T>(refused);
            }
        }
    }

    public Task<IMailboxStream> OpenStreamAsync(CancellationToken cancellationToken)
    {
        lock (_told)
        {
            var (connection, told) = (twin.Open(), Channel.CreateUnbounded<Frame>());
            _told[connection] = told;
            return Task.FromResult<IMailboxStream>(new Stream(this, connection, told, twin.IncarnationBytes));
        }
    }

    private Frame? Answer(TwinConnection connection, Frame frame)
    {
        lock (_told)
        {
            if (!_told.ContainsKey(connection))
                throw new RelayUnreachableException("The stream to the relay has ended.");
            try
            {
                // As over a socket: what was sent cannot change any more.
                return connection.Answer(frame.Clone());
            }
            finally
            {
                foreach (var (each, told) in _told)
                {
                    while (each.Push(10) is { } push)
                        told.Writer.TryWrite(push);
                }
            }
        }
    }

    private void End(TwinConnection connection)
    {
        lock (_told)
        {
            twin.Close(connection);
            if (_told.Remove(connection, out var told))
                told.Writer.TryComplete();
        }
    }

    private sealed class Stream(DirectRoad road, TwinConnection connection, Channel<Frame> told, byte[] incarnation) : IMailboxStream
    {
        public ReadOnlyMemory<byte> Incarnation => incarnation;

        public Task<Frame> AskAsync(Frame frame, CancellationToken cancellationToken)
        {
            try
            {
                return Task.FromResult(road.Answer(connection, frame)!);
            }
            catch (Exception refused)
            {
                return Task.FromException<Frame>(refused);
            }
        }

        public Task TellAsync(Frame frame, CancellationToken cancellationToken)
        {
            road.Answer(connection, frame);
            return Task.CompletedTask;
        }

        public IAsyncEnumerable<Frame> ToldAsync(CancellationToken cancellationToken) => told.Reader.ReadAllAsync(cancellationToken);

        public ValueTask DisposeAsync()
        {
            road.End(connection);
            return ValueTask.CompletedTask;
        }
    }
}
