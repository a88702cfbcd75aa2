using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Channels;
using Sotto.Terminal.Typing;

namespace Sotto.Terminal.Screen;

/// <summary>
/// The real terminal. Keys are read on a thread of their own, which lives as long as the process: a blocked read cannot be
/// taken back. Ctrl-C arrives as a key. The terminal is put back in order on dispose, on exit, and when a signal ends the process.
/// </summary>
/// <remarks>
/// The framework puts a Unix terminal into raw mode and back; the bytes are then read here. <see cref="Console.ReadKey(bool)"/>
/// drops the escape of a sequence that is split between two of its reads (a paste of unlucky length never ends) and reports
/// unknown sequences as typed characters, so it serves only where no control sequences arrive: on Windows.
/// </remarks>
internal sealed class ConsoleTerminalDevice : ITerminalDevice
{
    // Paste marks off, wrapping on, cursor shown, plain colours.
    private const string Restored = "\e[?2004l\e[?7h\e[?25h\e[0m";

    // The framework switches the keypad to application mode when it sets the terminal up, and leaves it so.
    private const string KeypadRestored = "\e[?1l\e>";

    private readonly Channel<KeyPress> _keys = Channel.CreateUnbounded<KeyPress>(new() { SingleWriter = true });
    private readonly Stream _output = Console.OpenStandardOutput();
    private readonly Lock _writing = new();
    private readonly List<PosixSignalRegistration> _signals = [];
    private int _reading;
    private int _restored;

    /// <summary>Takes the console over. Only one device at a time; check <see cref="IsUsable"/> first.</summary>
    public ConsoleTerminalDevice()
    {
        if (OperatingSystem.IsWindows())
            WindowsConsole.AllowControlSequences();
        Console.TreatControlCAsInput = true;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGINT, PosixSignal.SIGQUIT])
            _signals.Add(PosixSignalRegistration.Create(signal, _ => RestoreInPassing()));
    }

    /// <summary>Whether there is a person at a terminal: neither input nor output is redirected, and it understands control sequences.</summary>
    public static bool IsUsable =>
        !Console.IsInputRedirected && !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <inheritdoc/>
    public int Width => Measure(() => Console.WindowWidth);

    /// <inheritdoc/>
    public int Height => Measure(() => Console.WindowHeight);

    /// <inheritdoc/>
    public bool KeyWaiting => _keys.Reader.Count > 0;

    /// <inheritdoc/>
    public void Write(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        lock (_writing)
        {
            try
            {
                _output.Write(bytes);
                _output.Flush();
            }
            catch (IOException)
            {
                // The terminal is gone; reading keys tells so.
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<KeyPress?> ReadKeyAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _reading, 1) == 0)
            new Thread(Pump) { IsBackground = true, Name = "terminal keys" }.Start();
        while (await _keys.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_keys.Reader.TryRead(out var key))
                return key;
        }
        return null;
    }

    /// <inheritdoc/>
    public void SetBracketedPaste(bool on) => Write(on ? "\e[?2004h" : "\e[?2004l");

    /// <summary>Puts the terminal back in order.</summary>
    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        foreach (var signal in _signals)
            signal.Dispose();
        Restore();
        Console.TreatControlCAsInput = false;
    }

    private void OnExit(object? sender, EventArgs e) => RestoreInPassing();

    /// <summary>Nobody took the prompt away: what the shell prints next starts on a row of its own.</summary>
    private void RestoreInPassing() => Restore("\r\n");

    private void Restore(string ending = "")
    {
        if (Interlocked.Exchange(ref _restored, 1) == 0)
            Write((OperatingSystem.IsWindows() ? Restored : Restored + KeypadRestored) + ending);
    }

    private void Pump()
    {
        try
        {
            if (OperatingSystem.IsWindows())
                PumpConsoleKeys();
            else
                PumpBytes();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            // The terminal is gone; the channel's end says so.
        }
        finally
        {
            _keys.Writer.Complete();
        }
    }

    private void PumpConsoleKeys()
    {
        while (true)
            _keys.Writer.TryWrite(ConsoleKeys.From(Console.ReadKey(intercept: true)));
    }

    private void PumpBytes()
    {
        using var handle = new Microsoft.Win32.SafeHandles.SafeFileHandle(0, ownsHandle: false);
        using var input = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        var (decoder, parser, keys) = (Encoding.UTF8.GetDecoder(), new KeyParser(), new List<KeyPress>());
        var bytes = new byte[4096];
        var chars = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length)];
        while (input.Read(bytes) is > 0 and var count)
        {
            parser.Feed(chars.AsSpan(0, decoder.GetChars(bytes.AsSpan(0, count), chars, flush: false)), keys);
            foreach (var key in keys)
                _keys.Writer.TryWrite(key);
            keys.Clear();
        }
    }

    private static int Measure(Func<int> size)
    {
        try
        {
            return size();
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
