using System.CommandLine;
using Sotto.Direct.Identities;
using Sotto.Terminal.Client;

namespace Sotto.Terminal.Commands;

/// <summary><c>sotto where</c>: the folders in use and what lies in each.</summary>
internal static class WhereCommand
{
    public static Command Create()
    {
        var command = new Command("where", "Print the folders that sotto uses and what lies in each.");
        command.SetAction(_ => Run());
        return command;
    }

    private static int Run()
    {
        var profile = ProfileFolder.FromEnvironment();
        var chosen = Environment.GetEnvironmentVariable("SOTTO_HOME") is { Length: > 0 } ? "from SOTTO_HOME" : "from the XDG data folder; SOTTO_HOME chooses another";
        Console.Out.WriteLine($"profile  {profile.Path}  ({chosen})");
        Show("client", ClientProfile.Folder, "your account, contacts and messages, encrypted");
        Show("relay", Path.Combine(profile.Path, "relay"), "the relay of sotto host: ciphertext, and who has an account");
        Show("identity", profile.IdentityFile, "your identity key for direct conversations; keep it to yourself");
        Show("peers", profile.PeersFile, "the people you talked with directly, and their public keys");
        Show("files", profile.FilesFolder, "files you accepted without naming a folder");
        Console.Out.WriteLine("program  " + AppContext.BaseDirectory);
        Console.Out.WriteLine("Messages of direct conversations are kept in memory only, never on disk.");
        return ExitCode.Done;
    }

    private static void Show(string name, string path, string meaning)
    {
        var state = File.Exists(path) || Directory.Exists(path) ? "" : "  (not there yet)";
        Console.Out.WriteLine($"{name,-8} {path}{state}");
        Console.Out.WriteLine($"{"",-8} {meaning}");
    }
}
