using Sotto.Terminal.Screen;
using Sotto.Terminal.Typing;

namespace Sotto.Terminal.Direct;

/// <summary>The terminal of one conversation: a screen, and a keyboard whose finished lines are handed on in order.</summary>
internal sealed class Keyboard : IDisposable
{
    private readonly ConsoleTerminalDevice _device = new();
    private readonly KeyReader _keys;

    public Keyboard()
    {
        Style = ScreenStyle.FromEnvironment();
        Screen = new ChatScreen(_device, Style);
        _keys = new KeyReader(_device, new LineEditor(), Screen);
        _device.SetBracketedPaste(true);
        Screen.Open();
    }

    public ChatScreen Screen { get; }

    public ScreenStyle Style { get; }

    /// <summary>Columns of the window.</summary>
    public int Width => _device.Width;

    /// <summary>Hands on each line until cancelled.</summary>
    /// <param name="submit">Takes a line.</param>
    /// <param name="quit">Called for Ctrl-D, for Ctrl-C on an empty line, and when the terminal is gone.</param>
    /// <param name="cancellationToken">Ends the reading; a line half typed is dropped.</param>
    public async Task ReadAsync(Func<string, ValueTask> submit, Action quit, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var outcome in _keys.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                if (outcome is not EditOutcome.Submitted entered)
                {
                    quit();
                    continue;
                }

                foreach (var line in entered.Lines)
                    await submit(line).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The conversation has ended.
        }
    }

    public void Dispose()
    {
        Screen.Close();
        _device.SetBracketedPaste(false);
        _device.Dispose();
    }
}
