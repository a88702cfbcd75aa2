using Sotto.Crypto;
using Sotto.Crypto.Native;
using Sotto.Direct.Identities;
using Sotto.Terminal.Commands;

namespace Sotto.Terminal.Direct;

/// <summary><c>sotto direct passphrase</c>.</summary>
internal static class PassphraseRun
{
    public static int Change(bool remove)
    {
        var file = new IdentityFile(new NativeCryptoProvider(), ProfileFolder.FromEnvironment().IdentityFile);
        if (!file.Exists)
            file.OpenOrCreate("new", null).Dispose();
        using var current = file.IsSealed ? Passphrases.Ask("Passphrase until now: ") : null;
        using var next = remove ? null : Passphrases.AskNew();
        file.ChangePassphrase(current, next, Argon2Cost.Desktop);
        Console.Error.WriteLine(remove
            ? "The passphrase is gone: whoever can read the file can be you."
            : "Your identity key is under the passphrase. There is no way to get it back when you forget it.");
        return ExitCode.Done;
    }
}
