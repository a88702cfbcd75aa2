using System.Globalization;
using Sotto.Relay.Tests.Running;
using Row = Sotto.Relay.Tests.Attacks.DatabaseDump.Row;

namespace Sotto.Relay.Tests.Attacks.Leak;

/// <summary>
/// AT-23: two dumps of both databases, a week apart, with all unclaimed key packages. Linking accounts with mailboxes, or two
/// mailboxes, goes no better than by guessing among those who were there on the same day.
/// </summary>
public sealed class LeakedDatabaseTests
{
    private const int Days = 7;
    private const int FewUsers = 25;

    private static readonly int UsersEachDay = Environment.GetEnvironmentVariable("SOTTO_TIER") == "all" ? 1_000 / Days + 1 : 20;

    [Fact]
    public async Task Two_dumps_a_week_apart_link_no_mailbox_with_an_account_or_another_mailbox()
    {
        await using var relay = await TestRelay.StartAsync(open: true);
        await using var world = new SimulatedWorld(relay, atOnce: 32);
        for (var week = 0; week < 2; week++)
        {
            await LiveAWeekAsync(world, week == 0 ? UsersEachDay : 0);
            var analyst = Open(relay, out var claims);
            Assert.Empty(analyst.LinksByValue());
            Assert.Empty(analyst.LinksBetweenMailboxes());
            Assert.Equal(world.Users, analyst.LinksOfIntroChannels().Select(link => link.Account).Distinct().Count());
            var guesses = analyst.LinksByOrder(ByKey, claim => claims.IndexOf(claim)).ToList();
            Assert.True(guesses.Count > UsersEachDay, "There was too little to guess.");
            // Chance alone puts one in its place on each day.
            Assert.InRange(guesses.Count(world.Joined.Contains), 0, Days + 4 * (int)Math.Ceiling(Math.Sqrt(Days)));
        }
    }

    /// <summary>A client that takes the mailbox id out of the key package gives its mailboxes away: the same analyst finds them.</summary>
    [Fact]
    public async Task Mailbox_ids_that_stand_in_key_packages_are_found()
    {
        await using var relay = await TestRelay.StartAsync(open: true);
        await using var world = new SimulatedWorld(relay, atOnce: 1, mailboxIdIsInPackage: true);
        await world.LiveAsync(FewUsers, FewUsers);
        var found = Open(relay, out _).LinksByValue().Distinct().ToList();

        Assert.Equal(world.Joined.Order(), found.Order());
    }

    /// <summary>Tables that kept the order of arrival would give most away: the same analyst is told that order.</summary>
    [Fact]
    public async Task Rows_in_the_order_of_their_arrival_are_found()
    {
        await using var relay = await TestRelay.StartAsync(open: true);
        await using var world = new SimulatedWorld(relay, atOnce: 1);
        await world.LiveAsync(FewUsers, FewUsers);
        var (mailboxes, claims) = (world.Joined.Select(joined => joined.Mailbox).ToList(), world.Claims.ToList());
        var guesses = Open(relay, out _).LinksByOrder(mailbox => mailboxes.IndexOf(mailbox.Hex("mailbox")), claim => claims.IndexOf(claim.Hex("id")));

        Assert.Equal(world.Joined, guesses);
    }

    private static async Task LiveAWeekAsync(SimulatedWorld world, int newcomers)
    {
        for (var day = 0; day < Days; day++)
            await world.LiveAsync(newcomers, UsersEachDay);
    }

    private static Analyst Open(TestRelay relay, out List<Row> claims)
    {
        var accounts = DatabaseDump.Read(Path.Combine(relay.Folder, "accounts.db"));
        claims = [.. accounts.Tables["claims"]];
        return new(accounts, DatabaseDump.Read(Path.Combine(relay.Folder, "mailbox.db")));
    }

    private static long ByKey(Row mailbox) => long.Parse(mailbox["channel"], CultureInfo.InvariantCulture);
}
