using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sotto.Direct.Conversations;

namespace Sotto.Terminal.Direct;

/// <summary>One JSON object a line on stdout, for scripts.</summary>
internal sealed class JsonView(Stream output) : ChatView
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _pending = new(64 * 1024);
    private readonly Lock _gate = new();

    public override void Show(ReceivedText text) => Write(json =>
    {
        json.WriteString("event", "message");
        json.WriteString("conversation", text.Conversation);
        json.WriteString("sender", text.Sender);
        json.WriteBoolean("verified", text.Verified);
        json.WriteString("id", text.Id.ToString(CultureInfo.InvariantCulture));
        json.WriteString("sentAt", DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(text.SentAt, 0, 253402300799)));
        json.WriteString("text", Encoding.UTF8.GetString(text.Text.Span));
        if (text.Shape != LineShape.Line)
            json.WriteString("shape", text.Shape == LineShape.Continues ? "continues" : "unterminated");
    });

    public override void Tell(Telling telling) => Write(json =>
    {
        json.WriteString("event", telling.Kind);
        foreach (var (name, value) in telling.Fields)
            WriteField(json, name, value);
        if (telling.Text is { } sentence)
            json.WriteString("notice", sentence);
    });

    public override async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        byte[] bytes;
        lock (_gate)
        {
            bytes = _pending.WrittenSpan.ToArray();
            _pending.ResetWrittenCount();
        }

        await output.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public override async ValueTask DisposeAsync()
    {
        await FlushAsync(CancellationToken.None).ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private void Write(Action<Utf8JsonWriter> content)
    {
        lock (_gate)
        {
            using (var json = new Utf8JsonWriter(_pending, Options))
            {
                json.WriteStartObject();
                content(json);
                json.WriteEndObject();
            }

            _pending.Write("\n"u8);
        }
    }

    private static void WriteField(Utf8JsonWriter json, string name, object value)
    {
        switch (value)
        {
            case bool flag:
                json.WriteBoolean(name, flag);
                break;
            case int or long:
                json.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            default:
                json.WriteString(name, value.ToString());
                break;
        }
    }
}
