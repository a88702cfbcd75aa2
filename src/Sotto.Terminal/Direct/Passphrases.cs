using System.Security.Cryptography;
using System.Text;
using Sotto.Crypto;
using Sotto.Terminal.Commands;

namespace Sotto.Terminal.Direct;

/// <summary>
/// Where passphrases come from: the file that <c>SOTTO_PASSPHRASE_FILE</c> names (its first line), or the keyboard without
/// echo. Never the command line.
/// </summary>
internal static class Passphrases
{
    private const int MaxLength = 1024;

    /// <summary>The passphrase, which the caller disposes.</summary>
    /// <exception cref="UsageException">There is no file and no terminal to ask on.</exception>
    public static Secret Ask(string prompt)
    {
        if (Environment.GetEnvironmentVariable("SOTTO_PASSPHRASE_FILE") is { Length: > 0 } file)
            return FromFile(file);
        if (Console.IsInputRedirected)
            throw new UsageException("Your identity key is under a passphrase and there is no terminal to ask on. Put it into a file (mode 0600) and name that in SOTTO_PASSPHRASE_FILE.");
        return FromKeyboard(prompt);
    }

    /// <summary>From the keyboard, typed twice, which the caller disposes.</summary>
    public static Secret AskNew()
    {
        if (Environment.GetEnvironmentVariable("SOTTO_NEW_PASSPHRASE_FILE") is { Length: > 0 } file)
            return FromFile(file);
        if (Console.IsInputRedirected)
            throw new UsageException("There is no terminal to ask on. Put the new passphrase into a file and name that in SOTTO_NEW_PASSPHRASE_FILE.");
        var first = FromKeyboard("New passphrase: ");
        using var second = FromKeyboard("The same again: ");
        if (first.FixedTimeEquals(second.Bytes) && first.Length > 0)
            return first;
        first.Dispose();
        throw new UsageException("The two differ, or are empty. Nothing was changed.");
    }

    private static Secret FromFile(string file)
    {
        var bytes = File.ReadAllBytes(file);
        try
        {
            var line = bytes.AsSpan();
            var end = line.IndexOfAny((byte)'\r', (byte)'\n');
            line = end < 0 ? line : line[..end];
            return line.Length is > 0 and <= MaxLength ? Secret.CopyOf(line) : throw new UsageException($"The first line of the passphrase file is empty or longer than {MaxLength} bytes.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>A line without echo, which the caller disposes.</summary>
    /// <exception cref="UsageException">Ctrl-C or Ctrl-D was pressed instead.</exception>
    public static Secret FromKeyboard(string prompt)
    {
        // From here on the terminal echoes nothing; the first ReadKey would be too late for what is typed or pasted at once.
        Console.TreatControlCAsInput = true;
        Span<char> typed = stackalloc char[MaxLength];
        try
        {
            Console.Error.Write(prompt);
            var line = typed[..ReadUntilEnter(typed)];
            var secret = Secret.Create(Encoding.UTF8.GetByteCount(line), out var bytes);
            Encoding.UTF8.GetBytes(line, bytes);
            return secret;
        }
        finally
        {
            typed.Clear();
            Console.Error.WriteLine();
            Console.TreatControlCAsInput = false;
        }
    }

    private static int ReadUntilEnter(Span<char> typed)
    {
        var length = 0;
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key is { Modifiers: ConsoleModifiers.Control, Key: ConsoleKey.C or ConsoleKey.D })
                throw new UsageException("Nothing was entered.");
            if (key.Key == ConsoleKey.Backspace)
                length = Math.Max(0, length - 1);
            else if (!char.IsControl(key.KeyChar) && length < typed.Length)
                typed[length++] = key.KeyChar;
        }

        return length;
    }
}
