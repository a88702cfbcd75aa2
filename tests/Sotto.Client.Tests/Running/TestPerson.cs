using System.Threading.Channels;
using Sotto.Client.Invites;
using Sotto.Client.Relays;
using Sotto.Client.Storage;
using Sotto.Crypto.Native;

namespace Sotto.Client.Tests.Running;

/// <summary>Somebody with a profile in memory, who can be killed and started again.</summary>
internal sealed class TestPerson : IAsyncDisposable
{
    private readonly Channel<ClientEvent> _events = Channel.CreateUnbounded<ClientEvent>();
    private Task _listening = Task.CompletedTask;
    private Task? _killed;
    private TaskCompletionSource _seenMore = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TestPerson(string name, MemoryStore store) => (Name, Store) = (name, store);

    public static NativeCryptoProvider Crypto { get; } = new();

    /// <summary>How long a test waits for something that must come. It is no measurement.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);

    public string Name { get; }

    public MemoryStore Store { get; private set; }

    public SottoClient Client { get; private set; } = null!;

    public List<ClientEvent> Seen { get; } = [];

    /// <summary>Kills the next client that is opened; null for one that lives.</summary>
    public Crashes? Crashes { get; set; }

    /// <summary>Stands between the next client that is opened and its relays; null for nothing.</summary>
    public Func<IRelays, IRelays>? Around { get; set; }

    /// <summary>The clock that the person lives by.</summary>
    public TimeProvider Time { get; private init; } = TimeProvider.System;

    public static async Task<TestPerson> StartAsync(string name, Crashes? crashes = null, TimeProvider? time = null)
    {
        var person = new TestPerson(name, new MemoryStore()) { Crashes = crashes, Time = time ?? TimeProvider.System };
        await person.OpenAsync(person.Store);
        return person;
    }

    /// <summary>Somebody with an account at the relay, made by the operator's link.</summary>
    public static async Task<TestPerson> RegisterAsync(string name, TestRelay relay, TimeProvider? time = null)
    {
        var person = await StartAsync(name, time: time);
        await person.Client.CreateAccountAsync(await relay.LinkAsync(), name).WaitAsync(Patience);
        return person;
    }

    public async Task<Conversation> JoinAsync(Invite invite)
    {
        var link = InviteLink.Parse(invite.Link);
        var preview = await Client.PreviewAsync(link).WaitAsync(Patience);
        return await Client.JoinAsync(link, preview, Name).WaitAsync(Patience);
    }

    /// <summary>Waits for an event of a kind.</summary>
    public async Task<T> EventAsync<T>(Func<T, bool>? which = null)
        where T : ClientEvent
    {
        while (true)
        {
            ClientEvent next;
            try
            {
                next = await _events.Reader.ReadAsync().AsTask().WaitAsync(Patience);
            }
            catch (TimeoutException)
            {
                lock (Seen)
                    throw new TimeoutException($"{Name} saw only: {string.Join(", ", Seen)}");
            }

            if (next is T found && (which is null || which(found)))
                return found;
        }
    }

    /// <summary>Waits until something was seen, since the beginning.</summary>
    public async Task SeesAsync(Func<ClientEvent, bool> what)
    {
        while (true)
        {
            Task more;
            lock (Seen)
            {
                if (Seen.Any(what))
                    return;
                more = _seenMore.Task;
            }

            try
            {
                await more.WaitAsync(Patience);
            }
            catch (TimeoutException)
            {
                lock (Seen)
                    throw new TimeoutException($"{Name} saw only: {string.Join(", ", Seen)}");
            }
        }
    }

    /// <summary>Waits for the next message and gives its text.</summary>
    public async Task<string> ReadAsync() => (await EventAsync<MessageReceived>()).Message.Text;

    /// <summary>Ends the client without warning and starts it over the same records.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await OpenAsync(Store.Reopen());
    }

    public async Task StopAsync()
    {
        await Client.DisposeAsync();
        await _listening;
    }

    /// <summary>The client of now, and what completes when another one takes its place.</summary>
    public (SottoClient Client, Task Replaced, Task? Killed) Current
    {
        get
        {
            lock (Seen)
                return (Client, _replaced.Task, _killed);
        }
    }

    /// <summary>Tries with whichever client the person has now, until it is true.</summary>
    public async Task KeepTryingAsync(Func<SottoClient, Task<bool>> step)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            limit.Token.ThrowIfCancellationRequested();
            var (client, replaced, killed) = Current;
            try
            {
                var working = client.UntilAsync(() => step(client), limit.Token);
                await await Task.WhenAny(working, replaced);
                if (working.IsCompletedSuccessfully)
                    return;
            }
            catch (Exception) when (killed?.IsCompleted == true)
            {
                await replaced.WaitAsync(limit.Token);
            }
        }
    }

    /// <summary>Starts a killed client again over what it stored.</summary>
    public async Task ReviveAsync()
    {
        var (killed, listening) = (Client, _listening);
        lock (Seen)
            Crashes = null;
        await OpenAsync(Store.Reopen());
        await killed.DisposeAsync();
        await listening;
    }

    /// <summary>Starts again after <see cref="StopAsync"/>.</summary>
    public Task StartAgainAsync() => OpenAsync(Store.Reopen());

    public async Task<Conversation> OnlyConversationAsync() => Assert.Single(await Client.ConversationsAsync());

    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>Somebody over a store of the test's.</summary>
    public static async Task<TestPerson> OpenAsync(string name, IClientStore store, TimeProvider? time = null)
    {
        var person = new TestPerson(name, store as MemoryStore ?? new MemoryStore()) { Time = time ?? TimeProvider.System };
        await person.OpenAsync(store);
        return person;
    }

    private async Task OpenAsync(IClientStore store)
    {
        Store = store as MemoryStore ?? Store;
        IRelays relays = new HttpRelays(Crypto, Time);
        relays = Around?.Invoke(relays) ?? relays;
        var client = await SottoClient.OpenAsync(new()
        {
            Crypto = Crypto,
            Time = Time,
            Store = Crashes is null ? store : new CrashingStore(store, Crashes),
            Relays = Crashes is null ? relays : new CrashingRelays(relays, Crashes),
        });
        TaskCompletionSource replaced;
        lock (Seen)
        {
            Client = client;
            _killed = Crashes?.Killed;
            (replaced, _replaced) = (_replaced, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        _listening = ListenAsync(client);
        replaced.SetResult();
    }

    private async Task ListenAsync(SottoClient client)
    {
        await foreach (var happened in client.Events)
        {
            lock (Seen)
            {
                Seen.Add(happened);
                Interlocked.Exchange(ref _seenMore, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
            }

            _events.Writer.TryWrite(happened);
        }
    }
}
