using Sotto.Relay.Storage.Sqlite;
using Sotto.Relay.Storage.Sqlite.Accounts;
using Sotto.Relay.Storage.Sqlite.Mailbox;
using Sotto.Relay.Tests.Running;

namespace Sotto.Relay.Tests.Promises;

/// <summary>The real executable, killed without warning while clients of the account plane claim, write, pay and recover.</summary>
public sealed class AccountKillTests
{
    [Fact]
    public async Task No_key_package_is_given_twice_and_no_recovery_record_is_lost()
    {
        using var folder = new RelayFolder();
        using var history = await StartAsync(folder, PackageHistory.StartAsync);
        for (var kill = 0; kill < Kills.Count; kill++)
        {
            await using var relay = await RelayProcess.StartAsync(folder, "--open-registration");
            await history.FillAsync(relay);
            // After a number of answered claims that differs each time; requests are under way when it dies.
            var load = new KilledLoad(1 + kill * 5 % (PackageHistory.ClaimsOfOneRun - 1));
            await load.RunAsync(relay, history.ClaimAsync(relay, load.Count), history.WriteRecordsAsync(relay));
        }

        await using var last = await RelayProcess.StartAsync(folder, "--open-registration");
        await history.CheckAsync(last);
    }

    [Fact]
    public async Task No_voucher_is_used_twice_and_no_batch_is_charged_twice()
    {
        using var folder = new RelayFolder();
        using var history = new VoucherHistory();
        for (var kill = 0; kill < Kills.Count; kill++)
        {
            await using var relay = await RelayProcess.StartAsync(folder, "--open-registration");
            await history.FinishAsync(relay);
            await history.CheckAsync(relay);
            await history.RegisterAsync(relay);
            var load = new KilledLoad(1 + kill * 3 % (VoucherHistory.StepsOfOneRun - 1));
            await load.RunAsync(relay, history.AskAsync(relay, load.Count), history.SpendAsync(relay, 0, load.Count), history.SpendAsync(relay, 1, load.Count));
        }

        await using var last = await RelayProcess.StartAsync(folder, "--open-registration");
        await history.FinishAsync(last);
        await history.CheckAsync(last);
    }

    [Fact]
    public async Task A_recovery_happened_whole_or_not_at_all()
    {
        using var folder = new RelayFolder();
        using var history = new RecoveryHistory();
        for (var kill = 0; kill < Kills.Count; kill++)
        {
            await using var relay = await RelayProcess.StartAsync(folder, "--open-registration");
            await history.CheckAsync(relay);
            await history.PrepareAsync(relay);
            var load = new KilledLoad(1 + kill % (RecoveryHistory.Accounts - 1));
            await load.RunAsync(relay, history.RecoverAsync(relay, load.Count));
        }

        await using var last = await RelayProcess.StartAsync(folder, "--open-registration");
        await history.CheckAsync(last);
        Assert.True(history.Whole > 0, "The relay never died after a recovery.");
        Assert.True(history.Untouched > 0, "The relay never died before a recovery.");
    }

    [Theory]
    [InlineData("UPDATE contacts SET state = 0")]
    [InlineData("DELETE FROM devices")]
    [InlineData("UPDATE accounts SET head = (SELECT hash FROM lists WHERE lists.account = accounts.account AND number = 1)")]
    public async Task The_check_of_a_recovery_notices_a_half_one(string half)
    {
        using var folder = new RelayFolder();
        using var history = new RecoveryHistory();
        await using (var relay = await RelayProcess.StartAsync(folder, "--open-registration"))
        {
            await history.PrepareAsync(relay);
            await history.RecoverAsync(relay, () => { });
            relay.Kill();
        }

        Change(folder, AccountSchema.FileName, half);
        await using var again = await RelayProcess.StartAsync(folder, "--open-registration");
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => history.CheckAsync(again));
    }

    [Fact]
    public async Task The_check_of_vouchers_notices_one_that_can_be_used_again()
    {
        using var folder = new RelayFolder();
        using var history = new VoucherHistory();
        await using (var relay = await RelayProcess.StartAsync(folder, "--open-registration"))
        {
            await history.RegisterAsync(relay);
            await history.FinishAsync(relay);
            relay.Kill();
        }

        var spent = Convert.ToHexString(Bytes.Hash(history.SpentVoucher));
        Change(folder, MailboxSchema.FileName, $"INSERT INTO vouchers VALUES(x'{spent}')");
        await using var again = await RelayProcess.StartAsync(folder, "--open-registration");
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => history.CheckAsync(again));
    }

    private static void Change(RelayFolder folder, string file, string sql)
    {
        using var connection = SqliteConnection.Open(Path.Combine(folder.Path, file));
        connection.Execute(sql);
    }

    private static async Task<T> StartAsync<T>(RelayFolder folder, Func<RelayProcess, Task<T>> start)
    {
        await using var relay = await RelayProcess.StartAsync(folder, "--open-registration");
        return await start(relay);
    }
}
