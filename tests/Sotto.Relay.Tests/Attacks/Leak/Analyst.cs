using System.Buffers.Binary;
using Sotto.Relay.Tests.Running;
using Row = Sotto.Relay.Tests.Attacks.DatabaseDump.Row;

namespace Sotto.Relay.Tests.Attacks.Leak;

/// <summary>Somebody who has both databases of a relay and wants to know whose mailbox is whose.</summary>
internal sealed class Analyst(DatabaseDump accounts, DatabaseDump mailboxes)
{
    private const int Window = 8;
    private const string Intro = "2";

    private readonly Dictionary<ulong, string> _windows = Windows(accounts);

    /// <summary>Mailboxes of conversations in which anything stands that also stands at an account, plain or hashed.</summary>
    public IEnumerable<(string Account, string Mailbox)> LinksByValue() => Mailboxes(isIntro: false).SelectMany(Links);

    /// <summary>The same for intro channels, whose ids stand in reachability records: the one stated exception.</summary>
    public IEnumerable<(string Account, string Mailbox)> LinksOfIntroChannels() => Mailboxes(isIntro: true).SelectMany(Links).Distinct();

    /// <summary>Pairs of mailboxes in different channels that share a value.</summary>
    public IEnumerable<(string One, string Other)> LinksBetweenMailboxes()
    {
        var seen = new Dictionary<ulong, Row>();
        foreach (var (mailbox, _) in Mailboxes(isIntro: false).Concat(Mailboxes(isIntro: true)))
        {
            foreach (var window in ValuesOf(mailbox).SelectMany(value => WindowsOf(value)).Distinct())
            {
                if (seen.TryGetValue(window, out var other) && other["channel"] != mailbox["channel"])
                    yield return (other.Hex("mailbox"), mailbox.Hex("mailbox"));
                seen[window] = mailbox;
            }
        }
    }

    /// <summary>
    /// On each day, the mailboxes that were added and the accounts whose key packages were claimed: the first with the first,
    /// the second with the second, in an order that the analyst believes to see.
    /// </summary>
    public IEnumerable<(string Account, string Mailbox)> LinksByOrder(Func<Row, long> orderOfMailboxes, Func<Row, long> orderOfClaims)
    {
        var claims = accounts.Tables["claims"].ToLookup(claim => claim["day"]);
        foreach (var day in Mailboxes(isIntro: false).Select(pair => pair.Mailbox).Where(mailbox => mailbox["claim_hash"] != "NULL").GroupBy(mailbox => mailbox["day"]))
        {
            foreach (var (mailbox, claim) in day.OrderBy(orderOfMailboxes).Zip(claims[day.Key].OrderBy(orderOfClaims)))
                yield return (claim.Hex("account"), mailbox.Hex("mailbox"));
        }
    }

    private IEnumerable<(string Account, string Mailbox)> Links((Row Mailbox, Row Channel) pair) =>
        ValuesOf(pair.Mailbox).Concat(ValuesOf(pair.Channel)).SelectMany(value => WindowsOf(value))
            .Where(_windows.ContainsKey)
            .Select(window => (_windows[window], pair.Mailbox.Hex("mailbox")));

    private IEnumerable<(Row Mailbox, Row Channel)> Mailboxes(bool isIntro)
    {
        var channels = mailboxes.Tables["channels"].ToDictionary(channel => channel["channel"]);
        return mailboxes.Tables["mailboxes"].Select(mailbox => (mailbox, channels[mailbox["channel"]])).Where(pair => pair.Item2["kind"] == Intro == isIntro);
    }

    /// <summary>Every eight bytes in a row that stand at an account, and the beginning of the hash of each value.</summary>
    private static Dictionary<ulong, string> Windows(DatabaseDump accounts)
    {
        var windows = new Dictionary<ulong, string>();
        foreach (var row in accounts.Tables.Values.SelectMany(table => table).Where(row => row.Columns.Contains("account")))
        {
            foreach (var value in ValuesOf(row))
            {
                foreach (var window in WindowsOf(value).Concat(WindowsOf(Bytes.Hash(value))))
                    windows.TryAdd(window, row.Hex("account"));
            }
        }

        return windows;
    }

    /// <summary>The byte strings of a row.</summary>
    private static IEnumerable<byte[]> ValuesOf(Row row)
    {
        foreach (var (column, value) in row.Columns.Zip(row.Values))
        {
            if (!value.StartsWith("X'", StringComparison.Ordinal) || column == "incarnation")
                continue;
            yield return Convert.FromHexString(value[2..^1]);
        }
    }

    /// <summary>Windows of zeros mean nothing.</summary>
    private static IEnumerable<ulong> WindowsOf(byte[] value)
    {
        for (var at = 0; at + Window <= value.Length; at++)
        {
            if (BinaryPrimitives.ReadUInt64BigEndian(value.AsSpan(at)) is var window and not 0)
                yield return window;
        }
    }
}
