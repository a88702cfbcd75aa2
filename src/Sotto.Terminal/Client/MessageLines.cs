using System.Text.Json;
using Sotto.Client;
using Sotto.Client.Conversations;
using Sotto.Terminal.Screen;

namespace Sotto.Terminal.Client;

/// <summary>A message as one line: for people and pipes, or a JSON object (docs of <c>--json</c> in the README).</summary>
internal static class MessageLines
{
    /// <summary>The name, then the text. On a pipe the text is as it was sent, but for line breaks, which are indented.</summary>
    public static string Text(Message message) =>
        $"<{ShownText.Of(message.Sender)}> {string.Join("\n    ", message.Text.ReplaceLineEndings("\n").Split('\n').Select(row => Console.IsOutputRedirected ? row : ShownText.Of(row)))}";

    public static string Json(Conversation conversation, Message? message)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("conversation", conversation.Id);
            writer.WriteString("with", conversation.Name);
            writer.WriteBoolean("verified", conversation.Verification != Verification.None);
            if (message is not null)
                Write(writer, message);
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void Write(Utf8JsonWriter writer, Message message)
    {
        writer.WriteString("sender", message.Sender);
        writer.WriteBoolean("own", message.IsOwn);
        writer.WriteString("id", message.Id.ToString());
        writer.WriteString("sentAt", message.SentAt.ToString("O"));
        writer.WriteString("text", message.Text);
        if (message.InReplyTo is { } replied)
            writer.WriteString("inReplyTo", replied.ToString());
        if (message.IsOwn)
            writer.WriteString("status", JsonNamingPolicy.CamelCase.ConvertName(message.Status.ToString()));
    }
}
