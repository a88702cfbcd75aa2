using System.Text;
using System.Threading.Channels;
using Sotto.Terminal.Screen;
using Sotto.Terminal.Typing;

namespace Sotto.Terminal.Tests.Screen;

/// <summary>A terminal without a console: keys are fed by the test, output goes to a <see cref="VirtualScreen"/>.</summary>
internal sealed class FakeTerminal(VirtualScreen screen) : ITerminalDevice
{
    private readonly Channel<KeyPress> _keys = Channel.CreateUnbounded<KeyPress>();
    private readonly KeyParser _parser = new();
    private readonly Lock _gate = new();
    private int _writing;

    public FakeTerminal(int width = 40, int height = 10)
        : this(new VirtualScreen(width, height))
    {
    }

    public VirtualScreen Screen { get; } = screen;

    /// <summary>Everything written.</summary>
    public StringBuilder Written { get; } = new();

    public int Writes { get; private set; }

    /// <summary>Whether two writes ever overlapped.</summary>
    public bool Overlapped { get; private set; }

    public int Width => Screen.Width;

    public int Height => Screen.Height;

    public bool KeyWaiting => _keys.Reader.Count > 0;

    public void Write(string text)
    {
        Overlapped |= Interlocked.Increment(ref _writing) != 1;
        lock (_gate)
        {
            Writes++;
            Written.Append(text);
            Screen.Write(text);
        }
        Interlocked.Decrement(ref _writing);
    }

    /// <summary>What the person's terminal sends.</summary>
    public void Send(string input)
    {
        var keys = new List<KeyPress>();
        _parser.Feed(input, keys);
        foreach (var key in keys)
            Assert.True(_keys.Writer.TryWrite(key));
    }

    /// <summary>The window is closed.</summary>
    public void HangUp() => _keys.Writer.Complete();

    public async ValueTask<KeyPress?> ReadKeyAsync(CancellationToken cancellationToken) =>
        await _keys.Reader.WaitToReadAsync(cancellationToken) ? await _keys.Reader.ReadAsync(cancellationToken) : null;

    public void SetBracketedPaste(bool on) => Write(on ? "\e[?2004h" : "\e[?2004l");

    public void Dispose()
    {
    }
}
