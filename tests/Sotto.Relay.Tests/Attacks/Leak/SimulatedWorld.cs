using Sotto.Relay.Tests.Running;

namespace Sotto.Relay.Tests.Attacks.Leak;

/// <summary>Users who come, add each other and write, a day at a time, and the truth that an analyst looks for.</summary>
/// <param name="relay">Where.</param>
/// <param name="atOnce">How many come or talk at the same time.</param>
/// <param name="mailboxIdIsInPackage">Clients that do not derive mailbox ids but take them out of key packages.</param>
internal sealed class SimulatedWorld(TestRelay relay, int atOnce, bool mailboxIdIsInPackage = false) : IAsyncDisposable
{
    private readonly Random _random = new(23);
    private readonly List<SimulatedUser> _users = [];
    private readonly List<(string Account, string Mailbox)> _joined = [];
    private readonly List<string> _claims = [];
    private readonly Lock _gate = new();
    private StreamClient? _stream;

    public int Users => _users.Count;

    /// <summary>Whose each mailbox is, in the order in which they were added.</summary>
    public IReadOnlyList<(string Account, string Mailbox)> Joined => _joined;

    /// <summary>The ids of the claims that they were added with, in the same order.</summary>
    public IReadOnlyList<string> Claims => _claims;

    public async Task LiveAsync(int newcomers, int conversations)
    {
        _stream ??= await relay.ConnectAsync();
        var coming = Enumerable.Range(0, newcomers).Select(_ => new SimulatedUser(new Person(relay.Server.Address, relay.Server.Identity.Key))).ToList();
        foreach (var some in coming.Chunk(atOnce))
            await Task.WhenAll(some.Select(user => user.ArriveAsync(relay, _stream)));
        _users.AddRange(coming);
        foreach (var some in Enumerable.Range(0, conversations).Chunk(atOnce))
            await Task.WhenAll(some.Select(_ => TalkAsync(_stream)));
        await relay.Server.Mailboxes.SettleAllAsync();
        await relay.Server.MaintainAsync();
        relay.Time.Advance(TimeSpan.FromDays(1));
    }

    public async ValueTask DisposeAsync()
    {
        _users.ForEach(user => user.Dispose());
        if (_stream is not null)
            await _stream.DisposeAsync();
    }

    /// <summary>One user with vouchers left makes a conversation and adds another one, and both write.</summary>
    private async Task TalkAsync(StreamClient stream)
    {
        var payers = _users.Where(user => user.Person.Vouchers.Count > 0).ToList();
        var (maker, other) = (payers[_random.Next(payers.Count)], _users[_random.Next(_users.Count)]);
        if (maker == other)
            return;
        var channel = new TestChannel();
        await stream.AskAsync(channel.Create(maker.Person.Vouchers.Dequeue()));
        var (mailboxKey, claim) = (Bytes.Random(32), Bytes.Random(16));
        var encryptionKey = await other.ClaimAsync(claim);
        var added = new TestMailbox { Id = mailboxIdIsInPackage ? encryptionKey[..16] : SimulatedUser.MailboxId(mailboxKey, encryptionKey) };
        await channel.AddAsync(stream, added);
        lock (_gate)
        {
            _joined.Add((other.Account, Convert.ToHexString(added.Id)));
            _claims.Add(Convert.ToHexString(claim));
        }

        for (var i = 0; i < 2; i++)
            await stream.AskAsync(channel.Message(Bytes.Random(64)));
        var reads = (await stream.AskAsync(channel.Subscribe(added))).Subscribed;
        await stream.EntryAsync(reads.Subscription);
        await stream.AskAsync(TestChannel.Acknowledge(reads.Subscription, reads.Head - 1));
    }
}
