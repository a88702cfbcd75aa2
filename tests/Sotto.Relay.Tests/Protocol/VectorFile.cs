using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sotto.Relay.Tests.Protocol;

/// <summary>One file of docs/protocol/vectors.</summary>
internal sealed record VectorFile(string Name, string About, IReadOnlyList<JsonObject> Cases)
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string ToJson() => new JsonObject
    {
        ["about"] = About,
        ["cases"] = new JsonArray([.. Cases]),
    }.ToJsonString(Readable) + "\n";

    public static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
