using System.Buffers;
using System.Text;
using Sotto.Direct.Conversations;
using Sotto.Terminal.Screen;

namespace Sotto.Terminal.Direct;

/// <summary>A conversation on a terminal, above the line that is being typed.</summary>
internal sealed class ScreenView(ChatScreen screen) : ChatView
{
    /// <summary>A longer line is shown in pieces, each marked as such.</summary>
    private const int MaxShownAtOnce = 256 * 1024;

    private readonly ArrayBufferWriter<byte> _parts = new();

    public override void Show(ReceivedText text)
    {
        _parts.Write(text.Text.Span);
        if (text.Shape != LineShape.Continues)
            Print(text, "");
        else if (_parts.WrittenCount >= MaxShownAtOnce)
            Print(text, " ⟦this line goes on⟧");
    }

    public override void Tell(Telling telling)
    {
        if (telling.IsProgress)
        {
            screen.SetStatus(telling.Text);
            return;
        }

        if (telling.Kind == "startedAnew")
            ShowUnfinished();
        if (telling.Kind.StartsWith("file", StringComparison.Ordinal))
            screen.SetStatus(null);
        if (telling.Text is { } sentence)
            screen.Print(telling.IsWarning ? ChatLine.Warning(sentence) : ChatLine.Notice(sentence));
        if (telling.Verbatim is { } rows)
            screen.PrintRows(rows.Split('\n'));
    }

    /// <summary>What the person here said.</summary>
    public void ShowOwn(string name, string text) => screen.Print(ChatLine.Own(name, text));

    public override async ValueTask DisposeAsync()
    {
        ShowUnfinished();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>A part of a line must not pass for a whole one, nor for the beginning of another.</summary>
    private void ShowUnfinished()
    {
        if (_parts.WrittenCount > 0)
            screen.Print(ChatLine.Warning($"The rest of a line never arrived. So far: {TakeParts()}"));
    }

    private void Print(ReceivedText text, string mark)
    {
        var name = text.Verified ? text.Sender : $"{text.Sender}, not verified";
        screen.Print(ChatLine.Peer(name, TakeParts() + mark));
    }

    private string TakeParts()
    {
        var text = Encoding.UTF8.GetString(_parts.WrittenSpan);
        _parts.ResetWrittenCount();
        return text;
    }
}
