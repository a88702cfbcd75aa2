using System.CommandLine;
using Sotto.Terminal.Relay;

namespace Sotto.Terminal.Commands;

/// <summary>What an operator does with a relay's folder, while the relay runs or does not.</summary>
internal static class RelayFolderCommands
{
    public static Command Status(RelayOptions options)
    {
        var json = Json();
        var command = new Command("status", """
            Say how a relay is and how much it holds. 0: it is ready, or does not run. 3: it runs and something stands in the way.

              sotto relay status
              sotto relay status --json --data /var/lib/sotto-relay
            """)
        {
            json,
        };
        command.SetAction((parsed, cancellation) => StatusRun.StatusAsync(options.Folder(parsed), parsed.GetValue(json), cancellation));
        return command;
    }

    public static Command Prune(RelayOptions options)
    {
        var json = Json();
        var command = new Command("prune", """
            Drop what is too old now. A running relay does it by itself every 15 minutes. The files do not shrink: what was freed
            in them is written again.

              sotto relay prune
            """)
        {
            json,
        };
        command.SetAction((parsed, cancellation) => StatusRun.PruneAsync(options.Folder(parsed), parsed.GetValue(json), cancellation));
        return command;
    }

    public static Command Backup(RelayOptions options)
    {
        var destination = new Argument<string>("FOLDER") { Description = "A folder that is not there yet, or empty." };
        var command = new Command("backup", """
            Copy everything that a relay has into a folder, also while it runs. The copy holds the relay's identity and is closed to
            other users: keep it encrypted.

              sotto relay backup /backup/sotto-2026-11-24
            """)
        {
            destination,
        };
        command.SetAction(parsed => BackupRun.Backup(options.Folder(parsed), Path.GetFullPath(parsed.GetValue(destination)!)));
        return command;
    }

    public static Command Restore(RelayOptions options)
    {
        var source = new Argument<string>("FOLDER") { Description = "What sotto relay backup made." };
        var command = new Command("restore", """
            Make a relay's folder from a backup; --data names it, and it must be empty or not there. Clients see that the relay was
            restored, bring back what they can prove, and register again where they must.

              sotto relay restore /backup/sotto-2026-11-24 --data /var/lib/sotto-relay
            """)
        {
            source,
        };
        command.SetAction(parsed => BackupRun.Restore(Path.GetFullPath(parsed.GetValue(source)!), options.Folder(parsed)));
        return command;
    }

    private static Option<bool> Json() => new("--json") { Description = "Print one JSON object." };
}
