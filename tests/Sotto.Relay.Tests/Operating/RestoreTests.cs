using Sotto.Relay.Operating;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Tests.Operating;

/// <summary>A relay restored from a backup, and clients that went further than the backup did.</summary>
public sealed class RestoreTests : IAsyncLifetime
{
    private TestRelay _relay = null!;
    private Person _ann = null!;
    private TestChannel _channel = null!;

    public async ValueTask InitializeAsync()
    {
        _relay = await TestRelay.StartAsync();
        _ann = await _relay.RegisterAsync();
        await using var stream = await _relay.ConnectAsync();
        _channel = await TestChannel.CreateAsync(stream, _ann);
        await _channel.AddAsync(stream);
        await stream.AskAsync(_channel.Message([1]));
    }

    public async ValueTask DisposeAsync()
    {
        _ann.Dispose();
        await _relay.DisposeAsync();
    }

    [Fact]
    public async Task What_was_backed_up_is_there_under_another_incarnation_and_the_same_identity()
    {
        var (before, key) = (_relay.Server.Mailboxes.Incarnation, _relay.Server.Identity.Key);
        using var backup = TestBackup.Of(_relay);
        await _relay.RestoreAsync(backup);

        Assert.NotEqual(before, _relay.Server.Mailboxes.Incarnation);
        Assert.Equal(key, _relay.Server.Identity.Key);
        await using var stream = await _relay.ConnectAsync();
        Assert.Equal(stream.Hello.Incarnation.ToByteArray(), Incarnations.Bytes(_relay.Server.Mailboxes.Incarnation));
        var reads = (await stream.AskAsync(_channel.Subscribe(_channel.Own))).Subscribed;
        Assert.Equal((2UL, 1UL), (reads.Head, reads.Number));
        Assert.Equal(EntryKind.Commit, (await stream.EntryAsync(reads.Subscription)).Kind);
        Assert.Equal([1], (await stream.EntryAsync(reads.Subscription)).Payload.ToByteArray());
        Assert.True(await _relay.Server.Accounts.HasDeviceAsync(_ann.Keys.Id, _ann.Device.Public, CancellationToken.None));
    }

    [Fact]
    public async Task Commits_that_were_lost_come_back_by_their_receipts_and_nothing_else_moves_the_channel()
    {
        using var backup = TestBackup.Of(_relay);
        var lost = new[] { await CommitAsync(), await CommitAsync() };
        var current = _channel.WriteCapability;
        await _relay.RestoreAsync(backup);
        await using var stream = await _relay.ConnectAsync();

        // A commit of somebody who knows no more than the backup: refused, and told the number.
        var own = new TestChannel { WriteCapability = lost[0].Frame.Post.Capability.ToByteArray(), Number = 1 };
        var fork = own.Commit(Bytes.Random(32));
        fork.Post.Channel = Bytes.Wire(_channel.Id);
        Assert.Equal(1UL, (await Refusal.IsAsync(RelayProblem.Restored, () => stream.AskAsync(fork))).Number);

        // A receipt that is for another commit, or that the relay did not sign, proves nothing.
        await Refusal.IsAsync(RelayProblem.Restored, () => stream.AskAsync(With(lost[0], lost[1].Receipt)));
        var forged = lost[0].Receipt.Clone();
        forged.Signature = Bytes.Wire(Bytes.Random(64));
        await Refusal.IsAsync(RelayProblem.Restored, () => stream.AskAsync(With(lost[0], forged)));
        await Refusal.IsAsync(RelayProblem.Restored, () => stream.AskAsync(lost[0].Frame));

        Assert.Equal(3UL, (await stream.AskAsync(With(lost[0], lost[0].Receipt))).Posted.Sequence);
        Assert.Equal(3UL, (await stream.AskAsync(With(lost[0], lost[0].Receipt))).Posted.Sequence);
        Assert.Equal(4UL, (await stream.AskAsync(With(lost[1], lost[1].Receipt))).Posted.Sequence);
        _channel.WriteCapability = current;
        Assert.Equal(5UL, (await stream.AskAsync(_channel.Message([2]))).Posted.Sequence);
        await Refusal.IsAsync(RelayProblem.Restored, () => stream.AskAsync(_channel.Commit(Bytes.Random(32))));
    }

    [Fact]
    public async Task After_a_day_commits_need_no_receipt_any_more_also_when_the_relay_was_started_again()
    {
        using var backup = TestBackup.Of(_relay);
        await _relay.RestoreAsync(backup);
        _relay.Time.Advance(RelayRestore.Window - TimeSpan.FromSeconds(1));
        await _relay.RestartAsync();
        await using (var stream = await _relay.ConnectAsync())
            await Refusal.IsAsync(RelayProblem.Restored, () => stream.AskAsync(_channel.Commit(Bytes.Random(32))));

        _relay.Time.Advance(TimeSpan.FromSeconds(1));
        await using var after = await _relay.ConnectAsync();
        await _channel.AddAsync(after, new TestMailbox());
        Assert.Equal(2UL, _channel.Number);
    }

    [Fact]
    public async Task A_channel_that_is_new_since_the_restore_takes_commits_at_once()
    {
        using var backup = TestBackup.Of(_relay);
        await _relay.RestoreAsync(backup);
        await using var stream = await _relay.ConnectAsync();
        var channel = await TestChannel.CreateAsync(stream, _ann);
        await channel.AddAsync(stream, new TestMailbox());
        Assert.Equal(1UL, channel.Number);
    }

    [Fact]
    public async Task An_account_that_the_backup_does_not_know_registers_again_by_its_receipt()
    {
        using var backup = TestBackup.Of(_relay);
        using var bob = await _relay.RegisterAsync(vouchers: 0);
        var receipt = (await bob.RegisterAsync()).Receipt;
        await _relay.RestoreAsync(backup);

        using var again = bob.At(_relay.Server.Address, _relay.Server.Identity.Key);
        await Refusal.IsAsync(RelayProblem.TokenRefused, () => again.RegisterAsync());
        await again.RegisterAsync(receipt: receipt);
        await again.AddVouchersAsync(1);
    }

    private async Task<(Frame Frame, CommitReceipt Receipt)> CommitAsync()
    {
        await using var stream = await _relay.ConnectAsync();
        var next = Bytes.Random(32);
        var commit = _channel.Commit(next);
        var sequence = (await stream.AskAsync(commit)).Posted.Sequence;
        _channel.Won(next);
        var reads = (await stream.AskAsync(_channel.Subscribe(_channel.Own, sequence - 1))).Subscribed;
        return (commit, (await stream.EntryAsync(reads.Subscription)).Commit.Receipt);
    }

    private static Frame With((Frame Frame, CommitReceipt Receipt) commit, CommitReceipt receipt)
    {
        var frame = commit.Frame.Clone();
        frame.Post.Commit.Receipt = receipt;
        return frame;
    }
}
