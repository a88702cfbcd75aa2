using System.CommandLine;
using Sotto.Relay;
using Sotto.Terminal.Relay;

namespace Sotto.Terminal.Commands;

/// <summary><c>sotto relay …</c>: the server that orders and stores what it cannot read.</summary>
internal static class RelayCommand
{
    public static Command Create()
    {
        var options = new RelayOptions();
        var command = new Command("relay", """
            Run a relay: it orders and stores ciphertext for people who talk with each other.

              sotto relay                                            on this machine alone, to try it
              sotto relay --listen 0.0.0.0:7788 --address HOST:7788  for others, with TLS by itself
              sotto relay --public https://relay.example --behind-proxy 127.0.0.1
            """)
        {
            Invite(options),
            RelayFolderCommands.Status(options),
            RelayFolderCommands.Backup(options),
            RelayFolderCommands.Restore(options),
            RelayFolderCommands.Prune(options),
        };
        options.AddTo(command);
        command.SetAction((parsed, cancellation) => RelayRun.ServeAsync(options.Settings(parsed), cancellation));
        return command;
    }

    private static Command Invite(RelayOptions options)
    {
        var address = new Option<string?>("--address") { Description = "What to put into the link. Default: where the relay was last reached.", HelpName = "HOST:PORT" };
        var uses = new Option<int>("--uses") { Description = "How many accounts it makes, 1 to 1000.", DefaultValueFactory = _ => 1 };
        var owner = new Option<bool>("--owner") { Description = "The account is the operator's own, as that of the first link is: see --invites owner." };
        var command = new Command("invite", """
            Print a link that makes an account on this relay, for 7 days. It works while the relay runs and while it does not.

              sotto relay invite
              sotto relay invite --uses 20 --data /var/lib/sotto-relay
            """)
        {
            address, uses, owner,
        };
        command.SetAction((parsed, _) => RelayRun.InviteAsync(
            options.Folder(parsed),
            parsed.GetValue(address) is { } given ? RelayConfiguration.HostAndPort(given) : null,
            parsed.GetValue(uses) is var count and >= 1 and <= 1000 ? count : throw new UsageException("--uses takes 1 to 1000."),
            parsed.GetValue(owner)));
        return command;
    }
}
