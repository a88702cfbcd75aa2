using Sotto.Terminal.Typing;

namespace Sotto.Terminal.Screen;

/// <summary>A terminal to write to and read keys from: the console, or a model of one in tests.</summary>
internal interface ITerminalDevice : IDisposable
{
    /// <summary>Columns now; 0 when unknown. Read again at each redraw, so that a resized window is noticed.</summary>
    int Width { get; }

    /// <summary>Rows now; 0 when unknown.</summary>
    int Height { get; }

    /// <summary>Whether another key has already arrived, so that a redraw can wait for it.</summary>
    bool KeyWaiting { get; }

    /// <summary>Writes text and control sequences in one piece. Callable from any thread.</summary>
    void Write(string text);

    /// <summary>The next key, or null when the terminal is gone. One reader at a time; a cancelled read loses no key.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    ValueTask<KeyPress?> ReadKeyAsync(CancellationToken cancellationToken);

    /// <summary>Asks the terminal to mark pasted text as such (or no longer). Terminals that cannot ignore it.</summary>
    void SetBracketedPaste(bool on);
}
