using System.Net;
using Sotto.Crypto.Native;
using Sotto.Direct.Conversations;
using Sotto.Direct.Identities;
using Sotto.Direct.Invites;
using Sotto.Direct.Sessions;

namespace Sotto.Bench;

/// <summary>A host and a joiner in this process, verified by an invite, talking over TCP on loopback.</summary>
internal sealed class DirectPair : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sotto-bench-").FullName;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Identity> _identities = [];
    private readonly List<Task> _running = [];

    public DirectSession Host { get; private set; } = null!;

    public DirectSession Joiner { get; private set; } = null!;

    public static async Task<DirectPair> ConnectAsync()
    {
        var pair = new DirectPair();
        var host = new DirectHost(pair.Settings("host"), new HostSettings { Address = IPAddress.Loopback, Port = 0 });
        pair.Host = host;
        pair._running.Add(host.RunAsync(pair._stop.Token));
        var waiting = await NextAsync<WaitingForPeer>(host).ConfigureAwait(false);

        using var invite = DirectInvite.Parse(waiting.InviteLink);
        pair.Joiner = new DirectJoiner(pair.Settings("joiner"), new JoinSettings { Addresses = [new("127.0.0.1", waiting.Port)], Invite = invite });
        pair._running.Add(pair.Joiner.RunAsync(pair._stop.Token));
        await NextAsync<PeerJoined>(pair.Joiner).ConfigureAwait(false);
        await NextAsync<PeerJoined>(host).ConfigureAwait(false);
        return pair;
    }

    /// <summary>The next event of a kind; what happens before it is passed over.</summary>
    public static async Task<T> NextAsync<T>(DirectSession session)
        where T : DirectEvent
    {
        while (await session.Events.WaitToReadAsync().ConfigureAwait(false))
        {
            while (session.Events.TryRead(out var happened))
            {
                if (happened is T found)
                    return found;
            }
        }

        throw new InvalidOperationException($"The session ended before {typeof(T).Name}.");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_running).ContinueWith(_ => { }, TaskScheduler.Default).ConfigureAwait(false);
        await Joiner.DisposeAsync().ConfigureAwait(false);
        await Host.DisposeAsync().ConfigureAwait(false);
        _identities.ForEach(identity => identity.Dispose());
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private DirectSettings Settings(string name)
    {
        var crypto = new NativeCryptoProvider();
        var identity = Identity.Generate(crypto, name);
        _identities.Add(identity);
        return new() { Crypto = crypto, Self = identity, Peers = new PeerBook(crypto, Path.Combine(_folder, $"{name}.json")) };
    }
}
