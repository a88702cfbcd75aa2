using System.CommandLine;
using System.Net;
using Sotto.Terminal.Client;

namespace Sotto.Terminal.Commands;

/// <summary>The messenger's verbs.</summary>
internal static class MessengerCommands
{
    private const int DefaultPort = 7788;

    public static IEnumerable<Command> Create() =>
    [
        Host(), Join(), Send(), Read(), Listen(), Verify(), Block(), Invite(),
        Chats("chats", "List your conversations: name, account id, and how they are verified."),
        Chats("contacts", "List the people you know: name, account id, and how they are verified."),
    ];

    private static Command Host()
    {
        var (name, json) = (Name(), Json());
        var listen = new Option<string?>("--listen") { Description = "Where the relay listens; anything but this machine alone is served with TLS 1.3. Default: 127.0.0.1:7788.", HelpName = "ADDR:PORT" };
        var command = new Command("host", """
            Start a relay with your account on it, print an invite, and talk.

            Example:
              sotto host --name Ann
            """) { name, listen, json };
        command.SetAction((parsed, cancellation) => HostRun.RunAsync(NameOf(parsed.GetValue(name)), Address(parsed.GetValue(listen)), parsed.GetValue(json), cancellation));
        return command;
    }

    private static Command Join()
    {
        var (name, json) = (Name(), Json());
        var link = new Argument<string>("INVITE") { Description = "The invite; - reads it from the first line of stdin." };
        var command = new Command("join", """
            Join with an invite, and talk with the person who sent it. Without a terminal it joins and ends.

            Examples:
              sotto join 'sotto:i/192.0.2.7:7788#…' --name Bob
              sotto join - < invite.txt
            """) { link, name, json };
        command.SetAction((parsed, cancellation) => JoinRun.RunAsync(parsed.GetValue(link)!, NameOf(parsed.GetValue(name)), parsed.GetValue(json), cancellation));
        return command;
    }

    private static Command Send()
    {
        var (to, timeout, json) = (Contact("Whom to."), Timeout(), Json());
        var text = new Argument<string?>("TEXT") { Description = "What to say; left out: all of stdin.", Arity = ArgumentArity.ZeroOrOne };
        var reply = new Option<string?>("--reply") { Description = "The id of the message that this one answers.", HelpName = "ID" };
        var wait = new Option<string>("--wait") { Description = "End when it is sent, delivered or read.", DefaultValueFactory = _ => "sent", HelpName = "sent|delivered|read" };
        wait.AcceptOnlyFromAmong("sent", "delivered", "read");
        var command = new Command("send", """
            Send one message, and end when the relay has it: 0, or 6 when it is only stored.

            Examples:
              sotto send Ann "I am on my way"
              uptime | sotto send Ann --wait delivered
            """) { to, text, reply, wait, timeout, json };
        command.SetAction(async (parsed, cancellation) => await VerbRun.RunAsync(
            new()
            {
                Verb = "send",
                Name = parsed.GetValue(to),
                Text = parsed.GetValue(text) ?? (await Console.In.ReadToEndAsync(cancellation).ConfigureAwait(false)).TrimEnd('\n'),
                ReplyTo = parsed.GetValue(reply),
                Wait = parsed.GetValue(wait)!,
                Json = parsed.GetValue(json),
                Timeout = SecondsOf(parsed.GetValue(timeout)),
            },
            cancellation).ConfigureAwait(false));
        return command;
    }

    private static Command Read()
    {
        var (from, timeout, json) = (Contact("Whose conversation."), Timeout(), Json());
        var last = new Option<int>("--last") { Description = "How many messages.", DefaultValueFactory = _ => 20, HelpName = "N" };
        var command = new Command("read", """
            Fetch what waits at the relay and print the last messages.

            Example:
              sotto read Ann --last 5 --json
            """) { from, last, timeout, json };
        command.SetAction((parsed, cancellation) => VerbRun.RunAsync(
            new()
            {
                Verb = "read",
                Name = parsed.GetValue(from),
                Count = parsed.GetValue(last) is var most and > 0 ? most : throw new UsageException("--last takes a number from 1."),
                Json = parsed.GetValue(json),
                Timeout = SecondsOf(parsed.GetValue(timeout)),
            },
            cancellation));
        return command;
    }

    private static Command Listen()
    {
        var json = Json();
        var exec = new Option<string?>("--exec") { Description = "Run this program for each message, with the message as JSON on its stdin and without a shell.", HelpName = "PROGRAM" };
        var command = new Command("listen", """
            Print messages as they come, until Ctrl-C. Other verbs work meanwhile.

            Examples:
              sotto listen --json
              sotto listen --exec ./on-message
            """) { json, exec };
        command.SetAction((parsed, cancellation) => VerbRun.ListenAsync(
            new() { Verb = "listen", Json = parsed.GetValue(json) || parsed.GetValue(exec) is not null }, parsed.GetValue(exec), cancellation));
        return command;
    }

    private static Command Chats(string name, string description)
    {
        var json = Json();
        var command = new Command(name, description) { json };
        command.SetAction((parsed, cancellation) => VerbRun.RunAsync(new() { Verb = "chats", Json = parsed.GetValue(json) }, cancellation));
        return command;
    }

    private static Command Verify()
    {
        var whom = Contact("Whom.");
        var answer = new Argument<string?>("ANSWER") { Description = "yes when both have the same number, no when not.", Arity = ArgumentArity.ZeroOrOne };
        answer.AcceptOnlyFromAmong("yes", "no");
        var command = new Command("verify", """
            Show the safety number to compare with somebody, or say that it was the same.

            Examples:
              sotto verify Ann
              sotto verify Ann yes
            """) { whom, answer };
        command.SetAction((parsed, cancellation) => VerbRun.RunAsync(
            new() { Verb = "verify", Name = parsed.GetValue(whom), Answer = parsed.GetValue(answer) is { } given ? given == "yes" : null }, cancellation));
        return command;
    }

    private static Command Block()
    {
        var whom = Contact("Whom.");
        var undo = new Option<bool>("--undo") { Description = "Let them write again." };
        var command = new Command("block", """
            Take nothing more from somebody, and close their way to you at the relay.

            Example:
              sotto block Eve
            """) { whom, undo };
        command.SetAction((parsed, cancellation) => VerbRun.RunAsync(new() { Verb = "block", Name = parsed.GetValue(whom), Answer = !parsed.GetValue(undo) }, cancellation));
        return command;
    }

    private static Command Invite()
    {
        var (timeout, uses) = (Timeout(), new Option<int>("--uses") { Description = "How many people may join with it; only with 1 they count as verified.", DefaultValueFactory = _ => 1, HelpName = "N" });
        var fresh = new Command("new", "Make an invite for 7 days and print its link.") { uses, timeout };
        fresh.SetAction((parsed, cancellation) => VerbRun.RunAsync(
            new()
            {
                Verb = "invite new",
                Count = parsed.GetValue(uses) is var count and >= 1 and <= 1000 ? count : throw new UsageException("--uses takes 1 to 1000."),
                Timeout = SecondsOf(parsed.GetValue(timeout)),
            },
            cancellation));
        var list = new Command("list", "Your invites: name, state, and until when.");
        list.SetAction((_, cancellation) => VerbRun.RunAsync(new() { Verb = "invite list" }, cancellation));
        var name = new Argument<string>("NAME") { Description = "As sotto invite list shows it." };
        var revokeTimeout = Timeout();
        var revoke = new Command("revoke", "Take an invite back.") { name, revokeTimeout };
        revoke.SetAction((parsed, cancellation) => VerbRun.RunAsync(
            new() { Verb = "invite revoke", Name = parsed.GetValue(name), Timeout = SecondsOf(parsed.GetValue(revokeTimeout)) }, cancellation));
        return new Command("invite", """
            Invites: whoever has the link first can join.

            Example:
              sotto invite new
            """) { fresh, list, revoke };
    }

    private static Argument<string> Contact(string description) => new("NAME") { Description = description };

    private static Option<string?> Name() => new("--name") { Description = "The name the other person sees. Default: your user name." };

    private static Option<bool> Json() => new("--json") { Description = "Print messages on stdout, one JSON object a line." };

    private static Option<int> Timeout() => new("--timeout") { Description = "Seconds to wait for the relay. Default: 30.", DefaultValueFactory = _ => 30, HelpName = "SECONDS" };

    private static int SecondsOf(int seconds) => seconds is > 0 and <= 86_400 ? seconds : throw new UsageException("--timeout takes 1 to 86400 seconds.");

    private static string NameOf(string? given) => given ?? (Environment.UserName is { Length: > 0 } user ? user : "someone");

    private static IPEndPoint Address(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return new(IPAddress.Loopback, DefaultPort);
        if (!text.Contains(':', StringComparison.Ordinal) || !IPEndPoint.TryParse(text, out var address))
            throw new UsageException("--listen takes an IP address of this machine and a port: --listen 127.0.0.1:7788");
        if (address.Address.Equals(IPAddress.Any) || address.Address.Equals(IPAddress.IPv6Any))
            throw new UsageException("--listen takes the address that others connect to, which then stands in the invite: --listen 192.0.2.7:7788");
        return address;
    }
}
