using Sotto.Client;
using Sotto.Client.Relays;
using Sotto.Client.Sqlite;
using Sotto.Client.Storage;
using Sotto.Crypto;
using Sotto.Crypto.Native;
using Sotto.Direct.Identities;
using Sotto.Terminal.Direct;
using Sotto.Terminal.Screen;

namespace Sotto.Terminal.Client;

/// <summary>
/// Opens the profile's client. Its store is under a passphrase, or under a key file that lies beside it: asked once on a
/// terminal, with what each means.
/// </summary>
internal static class ClientProfile
{
    private const int KeyLength = 32;

    /// <summary>The folder of accounts and messages.</summary>
    public static string Folder => Path.Combine(ProfileFolder.FromEnvironment().Path, "client");

    /// <summary>The store.</summary>
    public static string StoreFile => Path.Combine(Folder, "store.db");

    /// <summary>The key of a store without a passphrase.</summary>
    public static string KeyFile => Path.Combine(Folder, "store.key");

    /// <summary>Whether there is a profile to open.</summary>
    public static bool Exists => File.Exists(StoreFile);

    /// <summary>What a program that stays waits at most before it reports what was read.</summary>
    public static TimeSpan ReportDelay { get; } = TimeSpan.FromSeconds(3);

    /// <exception cref="ClientException">It cannot be opened.</exception>
    public static async Task<SottoClient> OpenAsync(NativeCryptoProvider crypto, TimeSpan longestReportDelay, CancellationToken cancellation)
    {
        var file = SqliteRecordFile.Open(StoreFile);
        try
        {
            using var key = await KeyOfAsync(crypto, file, cancellation).ConfigureAwait(false);
            var store = await SealedStore.OpenAsync(crypto, file, key, cancellation).ConfigureAwait(false);
            return await SottoClient.OpenAsync(new() { Crypto = crypto, Store = store, Relays = new HttpRelays(crypto, TimeProvider.System), LongestReportDelay = longestReportDelay }, cancellation).ConfigureAwait(false);
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<StoreKey> KeyOfAsync(NativeCryptoProvider crypto, SqliteRecordFile file, CancellationToken cancellation)
    {
        if (await SealedStore.NeedsPassphraseAsync(file, cancellation).ConfigureAwait(false) is not { } needsPassphrase)
            return NewKey(crypto);
        if (!needsPassphrase)
            return ReadKeyFile();
        using var passphrase = Passphrases.Ask("Passphrase of your profile: ");
        return StoreKey.FromPassphrase(passphrase.Bytes, Argon2Cost.Desktop);
    }

    private static StoreKey NewKey(NativeCryptoProvider crypto)
    {
        if (Environment.GetEnvironmentVariable("SOTTO_PASSPHRASE_FILE") is { Length: > 0 })
        {
            using var given = Passphrases.Ask("");
            return StoreKey.FromPassphrase(given.Bytes, Argon2Cost.Desktop);
        }

        if (Console.IsInputRedirected || Console.IsOutputRedirected)
        {
            Console.Error.WriteLine($"· Your keys and messages are under a key file: {KeyFile}. Whoever can read it can read them. SOTTO_PASSPHRASE_FILE sets a passphrase.");
            return MakeKeyFile(crypto);
        }

        Console.Error.WriteLine(Paragraph.Wrap(
            "Your keys and messages are encrypted on this disk. With a passphrase nobody can read them who has the disk alone; "
            + $"without one they are under a key file beside them ({KeyFile}), and whoever can read that can read them.",
            Console.WindowWidth));
        using var typed = Passphrases.FromKeyboard("A passphrase, or Enter for none: ");
        if (typed.Length == 0)
            return MakeKeyFile(crypto);
        using var again = Passphrases.FromKeyboard("The same again: ");
        return typed.FixedTimeEquals(again.Bytes)
            ? StoreKey.FromPassphrase(typed.Bytes, Argon2Cost.Desktop)
            : throw new Commands.UsageException("The two differ. Nothing was made; start again.");
    }

    private static StoreKey MakeKeyFile(NativeCryptoProvider crypto)
    {
        if (File.Exists(KeyFile))
            return ReadKeyFile();
        var key = new byte[KeyLength];
        crypto.FillRandom(key);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(KeyFile, options))
        {
            stream.Write(key);
            stream.Flush(flushToDisk: true);
        }

        return FromFile(key);
    }

    private static StoreKey ReadKeyFile() => File.Exists(KeyFile)
        ? FromFile(File.ReadAllBytes(KeyFile))
        : throw new ClientException(ClientFailure.StoreUnusable, $"The key file of the profile is missing: {KeyFile}");

    private static StoreKey FromFile(byte[] key)
    {
        try
        {
            return StoreKey.FromFile(key);
        }
        finally
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(key);
        }
    }
}
