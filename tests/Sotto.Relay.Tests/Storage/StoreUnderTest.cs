using System.Collections.Concurrent;
using Google.Protobuf;
using Sotto.Relay.Channels;
using Sotto.Relay.Storage;
using Sotto.Relay.Tests.Running;
using Sotto.Wire;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Tests.Storage;

/// <summary>A store of the mailbox plane with a folder and a clock of its own, and short ways to fill it.</summary>
public sealed class StoreUnderTest : IMailboxEvents, IAsyncDisposable
{
    private readonly Func<StoreUnderTest, IMailboxStore> _open;

    public StoreUnderTest(Func<StoreUnderTest, IMailboxStore> open, RelayLimits? limits = null)
    {
        (_open, Limits) = (open, limits ?? new());
        Folder = Directory.CreateTempSubdirectory("sotto-store-").FullName;
        Store = open(this);
    }

    public string Folder { get; }

    public RelayLimits Limits { get; }

    public TestClock Time { get; } = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    public IMailboxStore Store { get; private set; }

    public ConcurrentQueue<(ChannelKey Channel, StoredEntry Entry)> Announced { get; } = [];

    public ConcurrentQueue<(Bytes16 Mailbox, ulong Sequence)> Ends { get; } = [];

    public void Appended(ChannelKey channel, StoredEntry entry) => Announced.Enqueue((channel, entry));

    public void Dropped(ChannelKey channel, Bytes16 mailbox, ulong sequence) => Ends.Enqueue((mailbox, sequence));

    /// <param name="between">What happens to the files while nobody has them open.</param>
    public async Task ReopenAsync(Action? between = null)
    {
        await Store.DisposeAsync();
        between?.Invoke();
        Store = _open(this);
    }

    public async Task<Line> CreateAsync(ChannelKind kind = ChannelKind.Conversation)
    {
        var line = new Line(this, kind);
        var voucher = Hash();
        await Store.AddVouchersAsync([voucher]);
        await Store.CreateAsync(line.Creation with { TokenHash = voucher });
        return line;
    }

    public static Bytes32 Hash() => new(Bytes.Random(32));

    public static Bytes16 Id() => new(Bytes.Random(16));

    public static async Task<RelayException> RefusedAsync(RelayProblem problem, Func<Task> request)
    {
        var refusal = await Assert.ThrowsAsync<RelayException>(request);
        Assert.Equal(problem, refusal.Problem);
        return refusal;
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>One channel and what its members hold.</summary>
public sealed class Line(StoreUnderTest test, ChannelKind kind)
{
    public NewChannel Creation { get; } = new(StoreUnderTest.Id(), kind, StoreUnderTest.Hash(), StoreUnderTest.Id(), StoreUnderTest.Hash(), StoreUnderTest.Hash(), StoreUnderTest.Hash());

    public Bytes32? NewCapability { get; set; }

    public Bytes32 Capability => NewCapability ?? Creation.WriteCapabilityHash;

    public ulong Number { get; set; }

    public Bytes16 Id => Creation.Channel;

    public MailboxAccess Own => new(Creation.Channel, Creation.Mailbox, Creation.ReadCapabilityHash);

    public OwnerAccess Owner => new(Creation.Channel, Creation.WriteCapabilityHash);

    public NewEntry Message(int size = 512) => new()
    {
        Channel = Creation.Channel,
        Kind = EntryKind.Application,
        LastNumber = Number,
        CapabilityHash = Capability,
        IdempotencyId = StoreUnderTest.Id(),
        Digest = StoreUnderTest.Hash(),
        KeepDays = 30,
        Body = new Entry { Kind = EntryKind.Application, Payload = Bytes.Wire(Bytes.Random(size)) }.ToByteArray(),
    };

    public NewEntry Commit(Bytes32 next, IReadOnlyList<NewMailbox>? added = null, IReadOnlyList<Bytes16>? dropped = null, bool cut = false, uint proposalsRead = 0) => Message() with
    {
        Kind = EntryKind.Commit,
        KeepDays = 90,
        Commit = new(Number + 1, next, added ?? [], dropped ?? [], cut, proposalsRead, false),
    };

    public NewEntry Leaving(MailboxAccess mailbox) => Message() with
    {
        Kind = EntryKind.Proposal,
        Leaving = new(mailbox.Mailbox, mailbox.ReadCapabilityHash),
    };

    public NewEntry Intro(Bytes32 laneHash, Bytes32? reserveKeyHash = null, Bytes32? tokenHash = null) => Message() with
    {
        Kind = EntryKind.IntroEntry,
        CapabilityHash = laneHash,
        Intro = new(reserveKeyHash, tokenHash),
    };

    /// <summary>Posts a commit and takes over what it changed.</summary>
    public async Task<ulong> AdvanceAsync(IReadOnlyList<NewMailbox>? added = null, IReadOnlyList<Bytes16>? dropped = null, bool cut = false, uint proposalsRead = 0)
    {
        var next = StoreUnderTest.Hash();
        var sequence = await test.Store.PostAsync(Commit(next, added, dropped, cut, proposalsRead));
        NewCapability = next;
        Number++;
        return sequence;
    }

    /// <summary>Adds a mailbox and claims it.</summary>
    public async Task<MailboxAccess> AddMailboxAsync()
    {
        var (mailbox, claim, read) = (StoreUnderTest.Id(), StoreUnderTest.Hash(), StoreUnderTest.Hash());
        await AdvanceAsync([new(mailbox, claim)]);
        await test.Store.ClaimAsync(Id, mailbox, claim, read);
        return new(Id, mailbox, read);
    }

    public async Task<ulong[]> ReadAsync(ulong after = 0, ulong through = long.MaxValue)
    {
        var opened = await test.Store.OpenAsync(Own);
        var sequences = new List<ulong>();
        while (true)
        {
            var page = await test.Store.ReadAsync(opened.Channel, after, through, 64 * 1024, CancellationToken.None);
            if (page.Entries.Count == 0)
                return [.. sequences];
            foreach (var entry in page.Entries)
            {
                Assert.Equal(entry.Sequence, Entry.Parser.ParseFrom(entry.Bytes).Sequence);
                sequences.Add(entry.Sequence);
            }

            after = page.Entries[^1].Sequence;
        }
    }
}
