using Sotto.Client;
using Sotto.Client.Sending;
using Sotto.Terminal.Direct;
using Sotto.Terminal.Screen;

namespace Sotto.Terminal.Client;

/// <summary>Where a client's events are shown: a screen, or lines of a pipe.</summary>
internal abstract class ClientView
{
    /// <summary>Columns of what stands before a notice.</summary>
    public const int NoticeIndent = 2;

    public abstract void Show(Conversation conversation, Message message);

    public abstract void Tell(string sentence, bool isWarning = false);

    /// <summary>How far an own message is; nothing where nobody watches.</summary>
    public virtual void ShowStatus(Message message)
    {
    }
}

/// <summary>On a terminal, above the line that is being typed.</summary>
internal sealed class ScreenClientView(ChatScreen screen, Func<int> width) : ClientView
{
    public override void Show(Conversation conversation, Message message) =>
        screen.Print(message.IsOwn ? ChatLine.Own(message.Sender, message.Text) : ChatLine.Peer(message.Sender, message.Text));

    public override void Tell(string sentence, bool isWarning = false)
    {
        var wrapped = Paragraph.Wrap(sentence, width(), NoticeIndent);
        screen.Print(isWarning ? ChatLine.Warning(wrapped) : ChatLine.Notice(wrapped));
    }

    public override void ShowStatus(Message message) => screen.SetStatus(message.Status switch
    {
        MessageStatus.Sent => "sent ✓",
        MessageStatus.Delivered => "delivered ✓✓",
        MessageStatus.Read => "read ✓✓",
        _ => null,
    });
}

/// <summary>Messages to stdout, a line or a JSON object each; everything else to stderr.</summary>
internal sealed class PipeClientView(bool json) : ClientView
{
    private readonly Lock _gate = new();

    public override void Show(Conversation conversation, Message message)
    {
        lock (_gate)
        {
            Console.Out.WriteLine(json ? MessageLines.Json(conversation, message) : MessageLines.Text(message));
            Console.Out.Flush();
        }
    }

    public override void Tell(string sentence, bool isWarning = false)
    {
        lock (_gate)
            Console.Error.WriteLine("· " + SafeRows.Of(sentence));
    }
}
