using Sotto.Crypto.Native;
using Sotto.Direct.Tokens;
using Sotto.Terminal.Commands;

namespace Sotto.Terminal.Direct;

/// <summary>
/// Where paper mode's key comes from: <c>--key-file</c> (or its <c>-</c>, the next line of stdin), <c>SOTTO_KEY</c>, a prompt.
/// Never an argument.
/// </summary>
internal static class PaperKeys
{
    private const int LongestFile = 4096;

    /// <summary>The key that the call names, which the caller disposes; null when it names none.</summary>
    public static FernetKey? Given(DirectCall call, StdinLines input)
    {
        if (call.KeyFile == "-")
            return Parse(input.FirstLine() ?? throw new UsageException("No key came on stdin."), "stdin");
        if (call.KeyFile is { } file)
            return Parse(ReadFirstLine(file), "the key file");
        return Environment.GetEnvironmentVariable("SOTTO_KEY") is { Length: > 0 } text ? Parse(text, "SOTTO_KEY") : null;
    }

    /// <summary>The key from the keyboard, without echo; the caller disposes it.</summary>
    public static FernetKey Ask()
    {
        if (Console.IsInputRedirected)
            throw new UsageException("Paper mode needs the key that the host printed: --key-file FILE, --key-file - (first line of stdin), or SOTTO_KEY.");
        using var typed = Passphrases.FromKeyboard("The key that the host printed: ");
        return Parse(System.Text.Encoding.UTF8.GetString(typed.Bytes), "what you typed");
    }

    /// <summary>A fresh key, which the caller disposes.</summary>
    public static FernetKey Make() => FernetKey.Generate(new NativeCryptoProvider());

    private static string ReadFirstLine(string file)
    {
        if (new FileInfo(file) is { Exists: true, Length: > LongestFile })
            throw new UsageException("The key file is not one line with a key.");
        return File.ReadLines(file).FirstOrDefault() ?? "";
    }

    private static FernetKey Parse(string text, string where) => FernetKey.TryParse(text.Trim(), out var key)
        ? key
        : throw new UsageException($"There is no Fernet key in {where}: a key has {FernetKey.TextLength} characters, letters, digits, - and _, with = at the end.");
}
