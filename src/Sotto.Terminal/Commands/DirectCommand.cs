using System.CommandLine;
using System.Net;
using Sotto.Direct.Exchange;
using Sotto.Direct.Invites;
using Sotto.Terminal.Direct;

namespace Sotto.Terminal.Commands;

/// <summary><c>sotto direct …</c>: two people, no account, no third party.</summary>
internal static class DirectCommand
{
    public static Command Create() => new("direct", "Talk with one other person directly: no account, no server in between.")
    {
        Host(),
        Join(),
        Peers(),
        Passphrase(),
    };

    private static Command Host()
    {
        var listen = new Option<string?>("--listen") { Description = "Where to listen: PORT, ADDR:PORT or [IPv6]:PORT. Default: all addresses, port 7787.", HelpName = "[ADDR:]PORT" };
        var named = new Option<string?>("--public") { Description = "An address for the invite that this machine cannot know, as behind a router.", HelpName = "HOST:PORT" };
        var exchange = new Option<string>("--exchange") { Description = "Key exchange: xwing (post-quantum, default) or rsa (RSA-3072, what the paper proposes).", DefaultValueFactory = _ => "xwing" };
        exchange.AcceptOnlyFromAmong("xwing", "rsa");
        var keep = new Option<bool>("--keep") { Description = "Go on waiting for the next person after one has left." };
        var common = new CommonOptions();
        var command = new Command("host", "Wait for one person and print an invite for them.") { listen, named, exchange, keep };
        common.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (address, port) = ListenAddress(parsed.GetValue(listen));
            var host = new Sotto.Direct.Sessions.HostSettings
            {
                Address = address,
                Port = port,
                Public = parsed.GetValue(named) is { } text ? Address(text, "--public") : null,
                Method = parsed.GetValue(exchange) == "rsa" ? ExchangeMethod.Rsa : ExchangeMethod.XWing,
                Keep = parsed.GetValue(keep),
            };
            var call = common.Read(parsed);
            return call.Paper
                ? await PaperRun.HostAsync(call, host, cancellation).ConfigureAwait(false)
                : await DirectRun.HostAsync(call, host, cancellation).ConfigureAwait(false);
        });
        return command;
    }

    private static Command Join()
    {
        var target = new Argument<string>("INVITE|HOST:PORT") { Description = "The invite (sotto:d/…), or an address; - reads it from the first line of stdin." };
        var common = new CommonOptions();
        var command = new Command("join", "Talk with the person who invited you.") { target };
        common.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var call = common.Read(parsed);
            var input = new StdinLines();
            var text = parsed.GetValue(target)!;
            if (text.Length > 1 && text[0] == '-')
                throw new UsageException($"{text} is not an option of join. See: sotto direct join --help");
            if (text == "-")
                text = input.FirstLine() ?? throw new UsageException("No invite came on stdin.");
            if (call.Paper)
                return await PaperRun.JoinAsync(call, Address(text, "HOST:PORT"), input, cancellation).ConfigureAwait(false);
            if (!text.StartsWith(DirectInvite.Scheme, StringComparison.Ordinal))
                return await DirectRun.JoinAsync(call, [Address(text, "INVITE|HOST:PORT")], null, input, cancellation).ConfigureAwait(false);
            using var invite = ParseInvite(text);
            return await DirectRun.JoinAsync(call, invite.Addresses, invite, input, cancellation).ConfigureAwait(false);
        });
        return command;
    }

    private static Command Peers()
    {
        var list = new Command("list", "Whose keys are remembered.");
        list.SetAction(_ => PeersRun.List());
        var name = new Argument<string>("NAME") { Description = "The name as listed." };
        var forget = new Command("forget", "Forget a person's key, for instance because they have a new device.") { name };
        forget.SetAction(parsed => PeersRun.Forget(parsed.GetValue(name)!));
        return new Command("peers", "The people whose keys are remembered.") { list, forget };
    }

    private static Command Passphrase()
    {
        var remove = new Option<bool>("--remove") { Description = "Take the passphrase away." };
        var command = new Command("passphrase", "Put your identity key under a passphrase, or change it.") { remove };
        command.SetAction(parsed => PassphraseRun.Change(parsed.GetValue(remove)));
        return command;
    }

    private static DirectInvite ParseInvite(string text)
    {
        try
        {
            return DirectInvite.Parse(text);
        }
        catch (Sotto.Direct.DirectException malformed)
        {
            throw new UsageException(malformed.Message);
        }
    }

    private static (IPAddress? Address, int Port) ListenAddress(string? text)
    {
        if (text is null)
            return (null, HostAddress.DefaultPort);
        if (TryPort(text, out var port))
            return (null, port);
        var colon = text.LastIndexOf(':');
        var address = colon < 0 ? "" : text[..colon];
        return TryPort(text[(colon + 1)..], out port) && (address.StartsWith('[') || !address.Contains(':')) && IPAddress.TryParse(address, out var ip)
            ? (ip, port)
            : throw new UsageException("--listen takes a port, or an IP address of this machine and a port: --listen 127.0.0.1:7787");
    }

    /// <summary>A port to listen on; 0 lets the system choose.</summary>
    private static bool TryPort(string text, out int port) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, null, out port) && port <= 65535;

    private static HostAddress Address(string text, string what) => HostAddress.TryParse(text, out var address)
        ? address
        : throw new UsageException($"{what} is not an address. It looks like example.org:7787, 192.0.2.7:7787 or [2001:db8::7]:7787.");
}
