using Sotto.Client.Relays;
using Sotto.Wire;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Client.Tests.Running;

/// <summary>Relays that know another write capability of one channel than its members.</summary>
internal sealed class RefusingRelays(IRelays inner, Bytes16 channel) : IRelays
{
    public async Task<IRelay> ConnectAsync(RelayEndpoint endpoint, ulong lowestStatement, CancellationToken cancellationToken) =>
        new RefusingRelay(await inner.ConnectAsync(endpoint, lowestStatement, cancellationToken), channel);

    private sealed class RefusingRelay(IRelay relay, Bytes16 channel) : IRelay
    {
        public Bytes32 IdentityKey => relay.IdentityKey;

        public ulong StatementNumber => relay.StatementNumber;

        public IAccountPlane Accounts => relay.Accounts;

        public IBlobs Blobs => relay.Blobs;

        public async Task<IMailboxStream> OpenStreamAsync(CancellationToken cancellationToken) => new RefusingStream(await relay.OpenStreamAsync(cancellationToken), channel);

        public ValueTask DisposeAsync() => relay.DisposeAsync();
    }

    private sealed class RefusingStream(IMailboxStream stream, Bytes16 channel) : IMailboxStream
    {
        public ReadOnlyMemory<byte> Incarnation => stream.Incarnation;

        public Task<Frame> AskAsync(Frame frame, CancellationToken cancellationToken) => frame.Post?.Channel.AsSixteen() == channel
            ? Task.FromException<Frame>(new RelayRefusedException(RelayProblem.Refused))
            : stream.AskAsync(frame, cancellationToken);

        public Task TellAsync(Frame frame, CancellationToken cancellationToken) => stream.TellAsync(frame, cancellationToken);

        public IAsyncEnumerable<Frame> ToldAsync(CancellationToken cancellationToken) => stream.ToldAsync(cancellationToken);

        public ValueTask DisposeAsync() => stream.DisposeAsync();
    }
}
