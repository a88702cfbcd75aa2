using System.Buffers;
using Sotto.Direct.Conversations;
using Sotto.Terminal.Screen;

namespace Sotto.Terminal.Direct;

/// <summary>
/// Text from the peer goes to stdout alone, byte for byte; everything else to stderr. When stdout is a terminal after all,
/// control characters become marks.
/// </summary>
internal sealed class PipeView(Stream output, TextWriter notices, bool outputIsTerminal) : ChatView
{
    private readonly ArrayBufferWriter<byte> _pending = new(64 * 1024);

    public override void Show(ReceivedText text)
    {
        if (outputIsTerminal)
            _pending.Write(System.Text.Encoding.UTF8.GetBytes(ShownText.Of(text.Text.Span)));
        else
            _pending.Write(text.Text.Span);
        if (text.Shape == LineShape.Line)
            _pending.Write("\n"u8);
    }

    public override void Tell(Telling telling)
    {
        if (telling.IsProgress)
            return;
        if (telling.Text is { } sentence)
            notices.WriteLine(SafeRows.Of(sentence));
        if (telling.Verbatim is { } rows)
            notices.WriteLine(rows);
    }

    public override async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_pending.WrittenCount == 0)
            return;
        await output.WriteAsync(_pending.WrittenMemory, cancellationToken).ConfigureAwait(false);
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        _pending.ResetWrittenCount();
    }
}
