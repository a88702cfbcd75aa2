using System.CommandLine;
using System.Net;
using Sotto.Direct.Identities;
using Sotto.Relay.Tls;
using Sotto.Terminal.Relay;

namespace Sotto.Terminal.Commands;

/// <summary><c>sotto relay …</c>: the server that orders and stores what it cannot read.</summary>
internal static class RelayCommand
{
    private const int DefaultPort = 7788;

    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = "The folder of everything the relay stores. Default: relay in the profile; SOTTO_RELAY_DATA works too.", HelpName = "DIR", Recursive = true };
        var listen = new Option<string?>("--listen") { Description = "Where to listen. Default: 127.0.0.1:7788; SOTTO_RELAY_LISTEN works too.", HelpName = "ADDR:PORT" };
        var address = new Option<string?>("--address") { Description = "HOST:PORT that clients use, where it is not the one of --listen.", HelpName = "HOST:PORT" };
        var tls = new Option<bool>("--tls") { Description = "Use TLS on a loopback address too. Other addresses always do." };
        var certificate = new Option<string?>("--tls-cert") { Description = "A certificate of your own, PEM. Default: the relay makes one.", HelpName = "FILE" };
        var key = new Option<string?>("--tls-key") { Description = "The certificate's private key, PEM. Both files are read again when they change.", HelpName = "FILE" };
        var proxy = new Option<string?>("--public") { Description = "The https URL of a proxy that ends TLS in front of the relay.", HelpName = "URL" };
        var open = new Option<bool>("--open-registration") { Description = "Let anybody make an account, without an invite." };
        var command = new Command("relay", "Run a relay: it orders and stores ciphertext for people who talk with each other.") { data, listen, address, tls, certificate, key, proxy, open, Invite(data) };
        command.SetAction((parsed, cancellation) => RelayRun.ServeAsync(
            new()
            {
                Listen = Address(parsed.GetValue(listen) ?? Environment.GetEnvironmentVariable("SOTTO_RELAY_LISTEN"), parsed.GetValue(address)),
                Advertised = parsed.GetValue(address),
                AlwaysTls = parsed.GetValue(tls),
                Certificate = Files(parsed.GetValue(certificate), parsed.GetValue(key)),
                Public = Proxy(parsed.GetValue(proxy)),
                Folder = Folder(parsed.GetValue(data)),
                OpenRegistration = parsed.GetValue(open),
            },
            cancellation));
        return command;
    }

    private static Command Invite(Option<string?> data)
    {
        var address = new Option<string?>("--address") { Description = "HOST:PORT to put into the link. Default: 127.0.0.1:7788.", HelpName = "HOST:PORT" };
        var uses = new Option<int>("--uses") { Description = "How many accounts it makes, 1 to 1000.", DefaultValueFactory = _ => 1 };
        var command = new Command("invite", "Print a link that makes an account on this relay, for 7 days.") { address, uses };
        command.SetAction((parsed, _) => RelayRun.InviteAsync(
            Folder(parsed.GetValue(data)),
            parsed.GetValue(address) ?? $"127.0.0.1:{DefaultPort}",
            parsed.GetValue(uses) is var count and >= 1 and <= 1000 ? count : throw new UsageException("--uses takes 1 to 1000.")));
        return command;
    }

    private static string Folder(string? given)
    {
        var folder = given ?? Environment.GetEnvironmentVariable("SOTTO_RELAY_DATA");
        return Path.GetFullPath(string.IsNullOrEmpty(folder) ? Path.Combine(ProfileFolder.FromEnvironment().Path, "relay") : folder);
    }

    private static IPEndPoint Address(string? text, string? advertised)
    {
        if (string.IsNullOrEmpty(text))
            return new(IPAddress.Loopback, DefaultPort);
        if (!text.Contains(':', StringComparison.Ordinal) || !IPEndPoint.TryParse(text, out var address))
            throw new UsageException("--listen takes an IP address of this machine and a port: --listen 127.0.0.1:7788");
        return advertised is not null || !(address.Address.Equals(IPAddress.Any) || address.Address.Equals(IPAddress.IPv6Any))
            ? address
            : throw new UsageException("--listen on every address needs --address HOST:PORT: what clients connect to.");
    }

    private static TlsFiles? Files(string? certificate, string? key) => (certificate, key) switch
    {
        (null, null) => null,
        ({ } one, { } other) => new(Path.GetFullPath(one), Path.GetFullPath(other)),
        _ => throw new UsageException("--tls-cert and --tls-key go together."),
    };

    private static Uri? Proxy(string? text)
    {
        if (text is null)
            return null;
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps && url.PathAndQuery == "/"
            ? url
            : throw new UsageException("--public takes an https URL without a path: --public https://relay.example");
    }
}
