using System.Runtime.CompilerServices;
using Sotto.Terminal.Screen;

namespace Sotto.Terminal.Typing;

/// <summary>Reads keys from a terminal into an editor, keeps the screen up to date, and hands on what the person decided.</summary>
/// <param name="device">Where keys come from; stays the caller's.</param>
/// <param name="editor">The line being typed; used by this reader alone.</param>
/// <param name="screen">Where it shows.</param>
internal sealed class KeyReader(ITerminalDevice device, LineEditor editor, ChatScreen screen)
{
    private EditorView _shown;

    /// <summary>
    /// Lines entered, Ctrl-C on an empty line, and at last <see cref="EditOutcome.EndOfInput"/> if the terminal goes away.
    /// The prompt is empty again before a line is handed on. Goes on until cancelled or the caller stops asking.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async IAsyncEnumerable<EditOutcome> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await device.ReadKeyAsync(cancellationToken).ConfigureAwait(false) is { } key)
        {
            var outcome = editor.Handle(key);
            ShowLine(outcome);
            if (outcome is EditOutcome.Submitted or EditOutcome.QuitAsked or EditOutcome.EndOfInput)
                yield return outcome;
        }
        yield return EditOutcome.EndOfInput.Instance;
    }

    /// <summary>A burst of keys is shown once, at its end; a line that is handed on leaves the screen at once.</summary>
    private void ShowLine(EditOutcome outcome)
    {
        if (outcome is EditOutcome.ClearAsked)
            screen.Clear();
        if (outcome is EditOutcome.Submitted || (editor.View != _shown && !device.KeyWaiting))
            screen.ShowInput(_shown = editor.View);
    }
}
