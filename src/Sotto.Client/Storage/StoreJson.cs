using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sotto.Client.Accounts;
using Sotto.Client.Conversations;
using Sotto.Client.Invites;
using Sotto.Client.Joining;
using Sotto.Client.Relays;
using Sotto.Client.Repairing;
using Sotto.Client.Sending;
using Sotto.Wire;

namespace Sotto.Client.Storage;

/// <summary>How records that are no MLS state are encoded inside of the store.</summary>
[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    Converters = [typeof(Bytes16Converter), typeof(Bytes32Converter)])]
[JsonSerializable(typeof(AccountRecord))]
[JsonSerializable(typeof(OwnRelay))]
[JsonSerializable(typeof(InviteRecord))]
[JsonSerializable(typeof(JoinRecord))]
[JsonSerializable(typeof(ConversationRecord))]
[JsonSerializable(typeof(MessageRecord))]
[JsonSerializable(typeof(OutboxRecord))]
[JsonSerializable(typeof(UnseenContent))]
[JsonSerializable(typeof(FoundingRecord))]
internal sealed partial class StoreJson : JsonSerializerContext;

internal sealed class Bytes16Converter : JsonConverter<Bytes16>
{
    public override Bytes16 Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(Base64Url.DecodeFromChars(reader.GetString() ?? throw new JsonException()));

    public override void Write(Utf8JsonWriter writer, Bytes16 value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Base64Url.EncodeToString(value.ToArray()));
}

internal sealed class Bytes32Converter : JsonConverter<Bytes32>
{
    public override Bytes32 Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(Base64Url.DecodeFromChars(reader.GetString() ?? throw new JsonException()));

    public override void Write(Utf8JsonWriter writer, Bytes32 value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Base64Url.EncodeToString(value.ToArray()));
}
