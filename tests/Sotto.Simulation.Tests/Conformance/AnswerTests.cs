using Google.Protobuf;
using Sotto.Client;
using Sotto.Client.Relays;
using Sotto.Client.Storage;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Stream;

namespace Sotto.Simulation.Tests.Conformance;

/// <summary>The same requests, right and wrong ones, to the twin and to the real relay: the same answers.</summary>
public sealed class AnswerTests
{
    [Fact]
    public async Task The_twin_answers_as_the_relay_does()
    {
        var (twin, relay) = (await RunAsync(isReal: false), await RunAsync(isReal: true));
        Assert.True(relay.Count > 60, $"Only {relay.Count} requests were made.");
        Assert.Equal(relay, twin);
    }

    private static async Task<List<string>> RunAsync(bool isReal)
    {
        // The twin's complaints are looked at by others: wrong requests are made on purpose here.
        var under = await RelayUnderTest.StartAsync(isReal);
        await using var client = await SottoClient.OpenAsync(new() { Crypto = RelayUnderTest.Crypto, Store = new MemoryStore(), Relays = under.Relays });
        var link = await under.NewLinkAsync();
        await client.CreateAccountAsync(link, "Ann");
        await using var relay = await under.Relays.ConnectAsync(new([$"http://{link.Address}"], link.Fingerprint), 0, default);
        await using var stream = await relay.OpenStreamAsync(default);
        var script = new Script(relay, stream, client.State.Signer) { Vouchers = client.State.Relays.Values.Single().Vouchers };
        await script.ChannelsAsync();
        await script.MailboxesAsync();
        await script.LanesAsync();
        await script.AccountsAsync();
        if (isReal)
            await under.DisposeAsync();
        return script.Answers;
    }

    private sealed class Script(IRelay relay, IMailboxStream stream, RequestSigner signer)
    {
        private readonly Bytes16 _channel = Sixteen();
        private readonly Bytes16 _mailbox = Sixteen();
        private readonly Bytes16 _added = Sixteen();
        private readonly Bytes32[] _write = [ThirtyTwo(), ThirtyTwo(), ThirtyTwo()];
        private readonly Bytes32 _read = ThirtyTwo();
        private readonly Bytes32 _claim = ThirtyTwo();
        private readonly Queue<Bytes32> _vouchers = new();

        public List<string> Answers { get; } = [];

        public async Task ChannelsAsync()
        {
            await OrderAsync();
            var create = Create(ChannelKind.Conversation, _channel, _mailbox, _write[0]);
            await AskAsync(new() { CreateChannel = create });
            await AskAsync(new() { CreateChannel = create });
            await AskAsync(new() { CreateChannel = new(create) { Mailbox = Sixteen().ToWire() } });
            await AskAsync(new() { CreateChannel = new(create) { Channel = Sixteen().ToWire() } });
            await AskAsync(new() { CreateChannel = new(create) { Channel = ByteString.CopyFrom(1, 2) } });
            await AskAsync(new() { CreateChannel = new(create) { Channel = Sixteen().ToWire(), Kind = ChannelKind.Unspecified } });

            var post = Post(0, _write[0]);
            await AskAsync(new() { Post = post });
            await AskAsync(new() { Post = post });
            await AskAsync(new() { Post = new(post) { Payload = ByteString.CopyFrom(9) } });
            await AskAsync(new() { Post = Post(1, _write[0]) });
            await AskAsync(new() { Post = Post(0, _write[1]) });
            await AskAsync(new() { Post = new(Post(0, _write[0])) { Channel = Sixteen().ToWire() } });
            await AskAsync(new() { Post = new(Post(0, _write[0])) { EpochTag = ByteString.Empty } });
            await AskAsync(new() { Post = new(Post(0, _write[0])) { Payload = ByteString.Empty } });
            await AskAsync(new() { Post = new(Post(0, _write[0])) { Payload = ByteString.CopyFrom(new byte[Limits.Payload + 1]) } });

            await AskAsync(new() { Post = Commit(2, 0, _write[0], _write[1]) });
            await AskAsync(new() { Post = new(Commit(1, 0, _write[0], _write[1])) { Commit = new() { Number = 1, NextWriteCapabilityHash = _write[1].HashToWire(), ProposalsRead = 1 } } });
            var commit = Commit(1, 0, _write[0], _write[1]);
            commit.Commit.Added.Add(new AddedMailbox { Mailbox = _added.ToWire(), ClaimTokenHash = _claim.HashToWire() });
            await AskAsync(new() { Post = commit });
            await AskAsync(new() { Post = commit });
            await AskAsync(new() { Post = Commit(1, 0, _write[0], _write[2]) });
            await AskAsync(new() { Post = Post(0, _write[0]) });
            await AskAsync(new() { Post = Post(1, _write[1]) });
            var again = Commit(2, 1, _write[1], _write[2]);
            again.Commit.Added.Add(commit.Commit.Added);
            await AskAsync(new() { Post = again });
            var cut = Commit(2, 1, _write[1], _write[2]);
            cut.Commit.Cut = true;
            await AskAsync(new() { Post = cut });
            await AskAsync(new() { Post = Post(1, _write[1]) });
            await AskAsync(new() { Post = Post(0, _write[2]) });
            await AskAsync(new() { Post = Post(1, _write[2]) });
        }

        public async Task MailboxesAsync()
        {
            var subscribe = new Subscribe { Channel = _channel.ToWire(), Mailbox = _mailbox.ToWire(), ReadCapability = _read.ToWire() };
            await AskAsync(new() { Subscribe = new(subscribe) { ReadCapability = ThirtyTwo().ToWire() } });
            await AskAsync(new() { Subscribe = new(subscribe) { After = 1_000 } });
            await AskAsync(new() { Subscribe = subscribe });
            await ReadAsync(6);
            await AskAsync(new() { Claim = Claim(ThirtyTwo(), _read) });
            await AskAsync(new() { Claim = Claim(_claim, _read) });
            await AskAsync(new() { Claim = Claim(_claim, _read) });
            await AskAsync(new() { Claim = Claim(_claim, ThirtyTwo()) });

            var next = ThirtyTwo();
            var rekey = new Rekey { Channel = _channel.ToWire(), Mailbox = _added.ToWire(), ReadCapability = _read.ToWire(), NewReadCapabilityHash = next.HashToWire() };
            await AskAsync(new() { Rekey = new(rekey) { ReadCapability = next.ToWire() } });
            await AskAsync(new() { Rekey = rekey });
            await AskAsync(new() { Rekey = rekey });
            var note = new SetNote { Channel = _channel.ToWire(), Mailbox = _added.ToWire(), ReadCapability = next.ToWire(), Note = ByteString.CopyFrom(new byte[Limits.Note]) };
            await AskAsync(new() { SetNote = new(note) { OldNoteHash = ThirtyTwo().ToWire() } });
            await AskAsync(new() { SetNote = note });
            await AskAsync(new() { SetNote = note });
            await AskAsync(new() { SetNote = new(note) { Note = ByteString.CopyFrom(Enumerable.Repeat((byte)1, Limits.Note).ToArray()) } });
            await AskAsync(new() { SetNote = new(note) { Note = ByteString.CopyFrom(1) } });
            await AskAsync(new() { SetNote = new(note) { ReadCapability = _read.ToWire() } });
            await AskAsync(new() { Rekey = rekey });
        }

        public async Task LanesAsync()
        {
            var (intro, owner, lane, key) = (Sixteen(), ThirtyTwo(), ThirtyTwo(), ThirtyTwo());
            await AskAsync(new() { CreateChannel = Create(ChannelKind.Intro, intro, _mailbox, owner) });
            var expires = (ulong)(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 3600) + 24;
            var open = new OpenLane { Channel = intro.ToWire(), Capability = owner.ToWire(), LaneHash = lane.HashToWire(), Kind = LaneKind.SingleUse, ExpiresHour = expires };
            await AskAsync(new() { OpenLane = new(open) { Capability = lane.ToWire() } });
            await AskAsync(new() { OpenLane = new(open) { ExpiresHour = 0 } });
            await AskAsync(new() { OpenLane = new(open) { ExpiresHour = expires + 1_000 } });
            await AskAsync(new() { OpenLane = new(open) { Kind = LaneKind.MultiUse } });
            await AskAsync(new() { OpenLane = open });
            await AskAsync(new() { OpenLane = open });
            var reserve = new Reserve { Channel = intro.ToWire(), LaneCapability = lane.ToWire(), ReserveKeyHash = key.HashToWire() };
            var post = new Post { Channel = intro.ToWire(), Kind = EntryKind.IntroEntry, IdempotencyId = Sixteen().ToWire(), Capability = lane.ToWire(), Payload = ByteString.CopyFrom(1), Intro = new() { ReserveKey = key.ToWire() } };
            await AskAsync(new() { Post = post });
            await AskAsync(new() { Reserve = new(reserve) { LaneCapability = key.ToWire() } });
            await AskAsync(new() { Reserve = reserve });
            await AskAsync(new() { Reserve = reserve });
            await AskAsync(new() { Reserve = new(reserve) { ReserveKeyHash = ThirtyTwo().ToWire() } });
            await AskAsync(new() { Post = post });
            await AskAsync(new() { Post = new(post) { IdempotencyId = Sixteen().ToWire() } });
            await AskAsync(new() { Post = new(post) { IdempotencyId = Sixteen().ToWire(), EpochTag = ByteString.CopyFrom(new byte[8]) } });
            await AskAsync(new() { CloseLane = new() { Channel = intro.ToWire(), Capability = owner.ToWire(), LaneHash = lane.HashToWire() } });
            await AskAsync(new() { CloseLane = new() { Channel = intro.ToWire(), Capability = owner.ToWire(), LaneHash = lane.HashToWire() } });
            await AskAsync(new() { Post = new(post) { IdempotencyId = Sixteen().ToWire() } });
            await AskAsync(new() { Reserve = reserve });
        }

        public async Task AccountsAsync()
        {
            var today = (uint)(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 86_400);
            var hour = today * 24;
            var (contact, account) = (ThirtyTwo(), signer.Account.Value);
            var invite = new InviteRequest(HashOf(contact), [1, 2, 3], 1, hour + 48, HashOf(ThirtyTwo()));
            await AskAsync("invite", () => relay.Accounts.AddInviteAsync(signer, invite with { ExpiresHour = hour + 1_000 }, default));
            await AskAsync("invite", () => relay.Accounts.AddInviteAsync(signer, invite, default));
            await AskAsync("invite", () => relay.Accounts.AddInviteAsync(signer, invite, default));
            await AskAsync("invite", () => relay.Accounts.AddInviteAsync(signer, invite with { Card = [9] }, default));
            await AskAsync("card", async () => (await relay.Accounts.ReadCardAsync(account, contact, default)).Length);
            await AskAsync("card", () => relay.Accounts.ReadCardAsync(account, ThirtyTwo(), default));
            await AskAsync("directory", async () => (await relay.Accounts.ReadDirectoryAsync(account, contact, default)).Lists.Length);
            await AskAsync("directory", () => relay.Accounts.ReadDirectoryAsync(account, ThirtyTwo(), default));
            await PackagesAsync(today, contact);
            await AskAsync("revoke", () => relay.Accounts.RevokeInviteAsync(signer, new(HashOf(ThirtyTwo())), default));
            await AskAsync("revoke", () => relay.Accounts.RevokeInviteAsync(signer, new(HashOf(contact), HashOf(ThirtyTwo())), default));
            await AskAsync("revoke", () => relay.Accounts.RevokeInviteAsync(signer, new(HashOf(contact)), default));
            await AskAsync("revoke", () => relay.Accounts.RevokeInviteAsync(signer, new(HashOf(contact)), default));
            await AskAsync("card", () => relay.Accounts.ReadCardAsync(account, contact, default));
            await AskAsync("directory", () => relay.Accounts.ReadDirectoryAsync(account, contact, default));
            await AskAsync("tokens", () => relay.Accounts.ChangeContactTokensAsync(signer, new([HashOf(contact)], []), default));
            var friend = ThirtyTwo();
            await AskAsync("tokens", () => relay.Accounts.ChangeContactTokensAsync(signer, new([HashOf(friend)], []), default));
            await AskAsync("directory", async () => (await relay.Accounts.ReadDirectoryAsync(account, friend, default)).Lists.Length);
            await AskAsync("card", () => relay.Accounts.ReadCardAsync(account, friend, default));
            await AskAsync("tokens", () => relay.Accounts.ChangeContactTokensAsync(signer, new([], [HashOf(friend)]), default));
            await AskAsync("directory", () => relay.Accounts.ReadDirectoryAsync(account, friend, default));
        }

        private async Task PackagesAsync(uint today, Bytes32 contact)
        {
            var packages = new KeyPackagesRequest([new([1], today + 20), new([2], today + 10)], new([3], today + 20), Replace: true);
            await AskAsync("packages", () => relay.Accounts.AddKeyPackagesAsync(signer, packages with { Packages = [new([1], today + 40)] }, default));
            await AskAsync("packages", () => relay.Accounts.AddKeyPackagesAsync(signer, packages with { Packages = [new([], today)] }, default));
            await AskAsync("packages", () => relay.Accounts.AddKeyPackagesAsync(signer, packages, default));
            var first = Sixteen();
            foreach (var id in (Bytes16[])[first, first, Sixteen(), Sixteen()])
            {
                await AskAsync("claim", async () =>
                {
                    var answer = await relay.Accounts.ClaimAsync(new([new(signer.Account.Value.ToArray(), contact.ToArray(), id.ToArray())]), default);
                    return string.Join(' ', answer.Targets.Select(target => target.Problem ?? Convert.ToHexString(target.Packages!.Single().Package!)));
                });
            }

            await AskAsync("count", () => relay.Accounts.CountKeyPackagesAsync(signer, default));
        }

        private async Task OrderAsync()
        {
            // After registration 10 may be asked for, and the client took those.
            await AskAsync("vouchers", () => relay.Accounts.AddVouchersAsync(signer, new(Sixteen().ToArray(), [HashOf(ThirtyTwo())]), default));
            await AskAsync("vouchers", () => relay.Accounts.AddVouchersAsync(signer, new(Sixteen().ToArray(), []), default));
            foreach (var voucher in Vouchers)
                _vouchers.Enqueue(voucher);
        }

        /// <summary>Some of the client's own, which it has not spent.</summary>
        public required IReadOnlyList<Bytes32> Vouchers { get; init; }

        private async Task ReadAsync(int entries)
        {
            var seen = new List<string>();
            await foreach (var frame in stream.ToldAsync(default))
            {
                seen.AddRange(frame.Push.Entries.Select(entry => $"{entry.Sequence} {entry.Kind} {entry.Number} {entry.Commit?.Added.Count}"));
                if (seen.Count >= entries)
                    break;
            }

            Answers.Add(string.Join(", ", seen));
        }

        private async Task AskAsync(Frame frame) => await AskAsync(frame.BodyCase.ToString(), async () =>
        {
            var answer = await stream.AskAsync(frame, default);
            return answer.BodyCase switch
            {
                Frame.BodyOneofCase.Posted => $"at {answer.Posted.Sequence}",
                Frame.BodyOneofCase.Subscribed => $"{answer.Subscribed.Head} {answer.Subscribed.Acknowledged} {answer.Subscribed.FirstSequence} {answer.Subscribed.Number}",
                _ => answer.BodyCase.ToString(),
            };
        });

        private Task AskAsync(string what, Func<Task> ask) => AskAsync(what, async () =>
        {
            await ask();
            return "done";
        });

        private async Task AskAsync<T>(string what, Func<Task<T>> ask)
        {
            try
            {
                Answers.Add($"{what}: {await ask()}");
            }
            catch (RelayRefusedException refused)
            {
                Answers.Add($"{what}: {refused.Problem} {refused.Number}");
            }
        }

        private CreateChannel Create(ChannelKind kind, Bytes16 channel, Bytes16 mailbox, Bytes32 write) => new()
        {
            Channel = channel.ToWire(),
            Kind = kind,
            WriteCapabilityHash = write.HashToWire(),
            Mailbox = mailbox.ToWire(),
            ReadCapabilityHash = _read.HashToWire(),
            Token = new() { Type = 1, Value = _vouchers.Dequeue().ToWire() },
        };

        private Post Post(ulong number, Bytes32 capability) => new()
        {
            Channel = _channel.ToWire(),
            LastNumber = number,
            EpochTag = ByteString.CopyFrom(new byte[Limits.EpochTag]),
            Kind = EntryKind.Application,
            IdempotencyId = Sixteen().ToWire(),
            Capability = capability.ToWire(),
            Payload = ByteString.CopyFrom(1),
        };

        private Post Commit(ulong number, ulong last, Bytes32 capability, Bytes32 next) =>
            new(Post(last, capability)) { Kind = EntryKind.Commit, Commit = new() { Number = number, NextWriteCapabilityHash = next.HashToWire() } };

        private Claim Claim(Bytes32 token, Bytes32 read) =>
            new() { Channel = _channel.ToWire(), Mailbox = _added.ToWire(), ClaimToken = token.ToWire(), ReadCapabilityHash = read.HashToWire() };

        private static byte[] HashOf(Bytes32 token) => Bytes32.HashOf(token.ToArray()).ToArray();

        private static Bytes16 Sixteen() => Fresh.Sixteen(RelayUnderTest.Crypto);

        private static Bytes32 ThirtyTwo() => Fresh.ThirtyTwo(RelayUnderTest.Crypto);
    }
}
