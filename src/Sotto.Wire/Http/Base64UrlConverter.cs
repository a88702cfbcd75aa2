using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sotto.Wire.Http;

/// <summary>Bytes in JSON: base64url without padding (RFC 4648 §5).</summary>
public sealed class Base64UrlConverter : JsonConverter<byte[]>
{
    /// <inheritdoc/>
    public override byte[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String || reader.HasValueSequence || reader.ValueIsEscaped)
            throw new JsonException("Base64url text is needed.");
        var text = reader.ValueSpan;
        if (text.IsEmpty)
            return [];
        var bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (Base64Url.DecodeFromUtf8(text, bytes, out _, out var written) != System.Buffers.OperationStatus.Done || text.Contains((byte)'='))
            throw new JsonException("Base64url text is needed.");
        return written == bytes.Length ? bytes : bytes[..written];
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, byte[] value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(Base64Url.EncodeToString(value));
    }
}
