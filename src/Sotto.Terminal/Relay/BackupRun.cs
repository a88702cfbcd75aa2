using System.Globalization;
using Sotto.Crypto.Native;
using Sotto.Relay.Operating;
using Sotto.Terminal.Commands;

namespace Sotto.Terminal.Relay;

/// <summary>Backing a relay up and restoring it.</summary>
internal static class BackupRun
{
    public static int Backup(string folder, string destination)
    {
        var manifest = RelayBackup.Make(folder, destination, TimeProvider.System);
        Console.Error.WriteLine($"· Backed up {folder}: {manifest.Files.Count} files, {manifest.Blobs} blobs. It holds the relay's identity: keep it encrypted.");
        Console.Out.WriteLine(destination);
        return ExitCode.Done;
    }

    public static int Restore(string backup, string folder)
    {
        var manifest = RelayRestore.Restore(backup, folder, new NativeCryptoProvider(), TimeProvider.System);
        var made = DateTimeOffset.FromUnixTimeSeconds(manifest.MadeUnixSeconds).ToString("u", CultureInfo.InvariantCulture);
        Console.Error.WriteLine($"· Restored what the relay had on {made}. For 24 hours clients bring back what came after. Start it: sotto relay --data {folder}");
        Console.Out.WriteLine(folder);
        return ExitCode.Done;
    }
}
