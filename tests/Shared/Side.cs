using System.Text;
using Sotto.Crypto.Native;
using Sotto.Direct.Conversations;
using Sotto.Direct.Identities;
using Sotto.Direct.Invites;
using Sotto.Direct.Sessions;

namespace Sotto.Testing;

/// <summary>
/// One side of a direct conversation in a test: a profile in a folder of its own, a session that runs, everything that
/// happened so far, and ways to wait for more. Lines are acknowledged as they come unless the test says otherwise.
/// </summary>
public sealed class Side : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly List<DirectEvent> _happened = [];
    private readonly SemaphoreSlim _more = new(0);
    private readonly CancellationTokenSource _kill = new();
    private readonly Identity _identity;
    private Task? _watching;

    private Side(string folder, Identity identity, DirectSettings settings) => (Folder, _identity, Settings) = (folder, identity, settings);

    public string Folder { get; }

    public DirectSettings Settings { get; }

    public DirectSession Session { get; private set; } = null!;

    public Task<SessionEnd> Ended { get; private set; } = null!;

    public bool Acknowledges { get; set; } = true;

    public DirectHost Host => (DirectHost)Session;

    public IReadOnlyList<DirectEvent> Happened
    {
        get
        {
            lock (_happened)
                return [.. _happened];
        }
    }

    /// <summary>The texts received so far, as whole lines.</summary>
    public IReadOnlyList<string> Lines => [.. Happened.OfType<LineReceived>().Select(line => Encoding.UTF8.GetString(line.Text.Span))];

    /// <summary>A profile that does not run yet; the same folder gives the same identity.</summary>
    public static Side Create(string name, string? folder = null, bool endsWithPeer = true, TimeProvider? time = null)
    {
        folder ??= Directory.CreateTempSubdirectory("sotto-test-").FullName;
        var crypto = new NativeCryptoProvider();
        var identity = new IdentityFile(crypto, Path.Combine(folder, "identity")).OpenOrCreate(name, null);
        var settings = new DirectSettings
        {
            Crypto = crypto,
            Self = identity,
            Peers = new PeerBook(crypto, Path.Combine(folder, "peers.json")),
            EndsWithPeer = endsWithPeer,
            Time = time ?? TimeProvider.System,
        };
        return new(folder, identity, settings);
    }

    public Side RunHost(HostSettings? host = null) =>
        Run(new DirectHost(Settings, host ?? new HostSettings { Address = System.Net.IPAddress.Loopback, Port = 0 }));

    public Side RunJoiner(int port, DirectInvite? invite = null, TimeSpan? giveUpAfter = null) =>
        Run(new DirectJoiner(Settings, new JoinSettings { Addresses = [new("127.0.0.1", port)], Invite = invite, GiveUpAfter = giveUpAfter ?? TimeSpan.FromSeconds(20) }));

    public async Task<DirectInvite> InviteAsync() => DirectInvite.Parse((await WaitForAsync<WaitingForPeer>()).InviteLink);

    public async Task SendAsync(string line) => await Session.SendAsync(Encoding.UTF8.GetBytes(line), LineShape.Line, _kill.Token);

    public Task<T> WaitForAsync<T>(Func<T, bool>? where = null)
        where T : DirectEvent => WaitUntilAsync(() => Happened.OfType<T>().FirstOrDefault(where ?? (_ => true)));

    public async Task WaitForLinesAsync(int count) => await WaitUntilAsync(() => Lines.Count >= count ? Lines : null);

    public async Task<SessionEnd> WaitForEndAsync() => await Ended.WaitAsync(Patience);

    /// <summary>Ends the session without goodbye, as a killed process would.</summary>
    public async Task KillAsync()
    {
        await _kill.CancelAsync();
        try
        {
            await Ended;
        }
        catch (OperationCanceledException)
        {
            // As asked.
        }

        await Session.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Session is not null)
        {
            await KillAsync();
            await _watching!;
        }

        _identity.Dispose();
        _kill.Dispose();
        _more.Dispose();
    }

    private Side Run(DirectSession session)
    {
        Session = session;
        Ended = session.RunAsync(_kill.Token);
        _watching = WatchAsync();
        return this;
    }

    private async Task WatchAsync()
    {
        await foreach (var happened in Session.Events.ReadAllAsync())
        {
            lock (_happened)
                _happened.Add(happened);
            if (Acknowledges && happened is LineReceived line)
                Session.Acknowledge(line);
            _more.Release();
        }

        _more.Release();
    }

    private async Task<T> WaitUntilAsync<T>(Func<T?> condition)
        where T : class
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            if (condition() is { } found)
                return found;
            try
            {
                await _more.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Waited for {typeof(T).Name}; happened: {string.Join(", ", Happened.Select(e => e.GetType().Name).TakeLast(20))}; ended: {(Ended.IsCompletedSuccessfully ? Ended.Result.ToString() : Ended.Status.ToString())}");
            }
        }
    }
}
