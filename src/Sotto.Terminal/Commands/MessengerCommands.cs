using System.CommandLine;
using System.Net;
using Sotto.Terminal.Client;

namespace Sotto.Terminal.Commands;

/// <summary>The messenger's verbs: host, join, send, read, chats.</summary>
internal static class MessengerCommands
{
    private const int DefaultPort = 7788;

    public static IEnumerable<Command> Create() => [Host(), Join(), Send(), Read(), Chats()];

    private static Command Host()
    {
        var (name, json) = (Name(), Json());
        var listen = new Option<string?>("--listen") { Description = "Where the relay listens. Default: 127.0.0.1:7788.", HelpName = "ADDR:PORT" };
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
        var to = new Argument<string>("NAME") { Description = "Whom to." };
        var timeout = Timeout();
        var text = new Argument<string?>("TEXT") { Description = "What to say; left out: all of stdin.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("send", """
            Send one message, and end when the relay has it: 0, or 6 when it is only stored.

            Examples:
              sotto send Ann "I am on my way"
              uptime | sotto send Ann
            """) { to, text, timeout };
        command.SetAction((parsed, cancellation) => MessagesRun.SendAsync(parsed.GetValue(to)!, parsed.GetValue(text), PatienceOf(parsed.GetValue(timeout)), cancellation));
        return command;
    }

    private static Command Read()
    {
        var (json, timeout) = (Json(), Timeout());
        var from = new Argument<string>("NAME") { Description = "Whose conversation." };
        var last = new Option<int>("--last") { Description = "How many messages.", DefaultValueFactory = _ => 20, HelpName = "N" };
        var command = new Command("read", """
            Fetch what waits at the relay and print the last messages.

            Example:
              sotto read Ann --last 5 --json
            """) { from, last, json, timeout };
        command.SetAction((parsed, cancellation) => MessagesRun.ReadAsync(
            parsed.GetValue(from)!, parsed.GetValue(last) is var most and > 0 ? most : throw new UsageException("--last takes a number from 1."), parsed.GetValue(json), PatienceOf(parsed.GetValue(timeout)), cancellation));
        return command;
    }

    private static Command Chats()
    {
        var command = new Command("chats", "List the people you talk with: name, account id, and how they are verified.");
        command.SetAction((_, cancellation) => MessagesRun.ChatsAsync(cancellation));
        return command;
    }

    private static Option<string?> Name() => new("--name") { Description = "The name the other person sees. Default: your user name." };

    private static Option<bool> Json() => new("--json") { Description = "Print messages on stdout, one JSON object a line." };

    private static Option<int> Timeout() => new("--timeout") { Description = "Seconds to wait for the relay. Default: 30.", DefaultValueFactory = _ => 30, HelpName = "SECONDS" };

    private static TimeSpan PatienceOf(int seconds) => seconds is > 0 and <= 86_400 ? TimeSpan.FromSeconds(seconds) : throw new UsageException("--timeout takes 1 to 86400 seconds.");

    private static string NameOf(string? given) => given ?? (Environment.UserName is { Length: > 0 } user ? user : "someone");

    private static IPEndPoint Address(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return new(IPAddress.Loopback, DefaultPort);
        if (!text.Contains(':', StringComparison.Ordinal) || !IPEndPoint.TryParse(text, out var address))
            throw new UsageException("--listen takes an IP address of this machine and a port: --listen 127.0.0.1:7788");
        return IPAddress.IsLoopback(address.Address)
            ? address
            : throw new UsageException("--listen takes a loopback address: this version has no TLS of its own. Put a proxy with TLS in front of it.");
    }
}
