using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Tests.OpenApi;

/// <summary>Makes docs/protocol/openapi.json (OpenAPI 3.1) from the table of routes and the types of their bodies.</summary>
public static partial class OpenApiDocument
{
    private const string SchemaPrefix = "#/components/schemas/";

    private static readonly JsonSerializerOptions Written = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Make()
    {
        var schemas = new JsonObject();
        var paths = new JsonObject();
        foreach (var ofPath in RouteTable.All.GroupBy(route => route.Path))
        {
            var path = new JsonObject();
            foreach (var route in ofPath)
                path.Add(route.Method.ToLowerInvariant(), Operation(route, schemas));
            paths.Add(ofPath.Key, path);
        }

        Reference(RelayJson.Default.ProblemBody, schemas);
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "Sotto relay",
                ["version"] = "1",
                ["description"] = "The HTTP half of docs/protocol/relay.md. Bytes are base64url without padding; unknown members are ignored. The mailbox plane is in stream.proto.",
            },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = Sorted(schemas), ["responses"] = new JsonObject { ["Problem"] = Problem() } },
        }.ToJsonString(Written) + "\n";
    }

    private static JsonObject Operation(RouteDescription route, JsonObject schemas)
    {
        var operation = new JsonObject { ["summary"] = route.Summary };
        var parameters = new JsonArray([.. PathParameters(route.Path), .. Headers(route)]);
        if (route.Path == Routes.Directory)
            parameters.Add(Parameter("from", "query", false, new() { ["type"] = "integer", ["minimum"] = 0 }, "Lists from this number on."));
        if (parameters.Count > 0)
            operation["parameters"] = parameters;
        if (route.Request is { } request)
            operation["requestBody"] = new JsonObject { ["required"] = true, ["description"] = $"At most {route.BodyLimit} bytes.", ["content"] = Json(request, schemas) };
        else if (route is { Path: Routes.Blob, Method: "PUT" })
            operation["requestBody"] = new JsonObject { ["required"] = false, ["content"] = Binary() };
        operation["responses"] = Responses(route, schemas);
        return operation;
    }

    private static JsonObject Responses(RouteDescription route, JsonObject schemas)
    {
        var responses = new JsonObject();
        if (route.Answer is { } answer)
            responses.Add("200", new JsonObject { ["description"] = "Done.", ["content"] = Json(answer, schemas) });
        else if (Plain(route) is var (status, description, content))
            responses.Add(status, content is null ? new JsonObject { ["description"] = description } : new JsonObject { ["description"] = description, ["content"] = content });
        if (route.Path == Routes.Ready)
            responses.Add("503", new JsonObject { ["description"] = "It is not; the text says why.", ["content"] = Text() });
        else if (route.Path != Routes.Live)
            responses.Add("default", new JsonObject { ["$ref"] = "#/components/responses/Problem" });
        if (route is { Path: Routes.Blob, Method: "GET" })
            responses.Insert(1, "206", new JsonObject { ["description"] = "One range.", ["content"] = Binary() });
        return responses;
    }

    private static (string Status, string Description, JsonObject? Content) Plain(RouteDescription route) => route.Path switch
    {
        Routes.Stream => ("101", "The WebSocket begins.", null),
        Routes.Ready => ("200", "It is.", Text()),
        Routes.OpenApi => ("200", "OpenAPI 3.1.", new() { ["application/json"] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "object" } } }),
        Routes.Blob when route.Method == "GET" => ("200", "The whole blob.", Binary()),
        Routes.Blob when route.Method == "HEAD" => ("200", $"{SottoHeaders.BlobLength} and {SottoHeaders.BlobOffset} say how much has arrived.", null),
        Routes.Blob => ("204", $"{SottoHeaders.BlobOffset} says where the blob ends now.", null),
        _ => ("204", "Done.", null),
    };

    private static IEnumerable<JsonNode> PathParameters(string path) => PathParameter().Matches(path)
        .Select(match => match.Groups[1].Value)
        .Select(name => Parameter(name, "path", true, name == "account" ? Bytes(32) : Bytes(16), null));

    private static IEnumerable<JsonNode> Headers(RouteDescription route) => route.Proof switch
    {
        RouteProof.Device or RouteProof.DeviceOrRecovery or RouteProof.Recovery => Signature(route.Proof),
        RouteProof.ContactToken => [Parameter(SottoHeaders.Token, "header", route.Path != Routes.Directory, Bytes(32), route.Path == Routes.Directory ? "Or a signature of one of the account's own devices." : null)],
        RouteProof.Capability => [Parameter(SottoHeaders.Capability, "header", true, Bytes(32), null)],
        RouteProof.CapabilityAndVouchers => Upload(),
        _ => [],
    };

    private static IEnumerable<JsonNode> Signature(RouteProof proof) =>
    [
        Parameter(SottoHeaders.Account, "header", true, Bytes(32), null),
        Parameter(SottoHeaders.Key, "header", true, Bytes(32), proof switch
        {
            RouteProof.Recovery => "The recovery key.",
            RouteProof.DeviceOrRecovery => "A device's key, or the recovery key.",
            _ => "A device's key.",
        }),
        Parameter(SottoHeaders.Nonce, "header", true, Bytes(32), null),
        Parameter(SottoHeaders.Signature, "header", true, Bytes(64), "See records.md."),
    ];

    private static IEnumerable<JsonNode> Upload() =>
    [
        Parameter(SottoHeaders.Capability, "header", true, Bytes(32), null),
        Parameter(SottoHeaders.Vouchers, "header", true, new() { ["type"] = "string" }, "Comma-separated, one for each 16 MiB begun."),
        Parameter(SottoHeaders.BlobLength, "header", true, new() { ["type"] = "integer", ["minimum"] = 1, ["maximum"] = Limits.Blob }, null),
        Parameter(SottoHeaders.BlobDays, "header", true, new() { ["type"] = "integer", ["minimum"] = 1, ["maximum"] = 60 }, null),
        Parameter(SottoHeaders.BlobOffset, "header", true, new() { ["type"] = "integer", ["minimum"] = 0 }, "Where the blob ends now."),
    ];

    private static JsonObject Parameter(string name, string place, bool required, JsonObject schema, string? description)
    {
        var parameter = new JsonObject { ["name"] = name, ["in"] = place, ["required"] = required, ["schema"] = schema };
        if (description is not null)
            parameter["description"] = description;
        return parameter;
    }

    private static JsonObject Bytes(int count)
    {
        var length = ((count * 8) + 5) / 6;
        return new() { ["type"] = "string", ["contentEncoding"] = "base64url", ["minLength"] = length, ["maxLength"] = length };
    }

    private static JsonObject Problem() => new()
    {
        ["description"] = "Refused: " + string.Join(", ", ProblemTypes.All.OrderBy(type => type.Problem).Select(type => $"{type.Type} ({type.Status})")),
        ["content"] = new JsonObject { ["application/problem+json"] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = SchemaPrefix + nameof(ProblemBody) } } },
    };

    private static JsonObject Binary() => new() { ["application/octet-stream"] = new JsonObject() };

    private static JsonObject Text() => new() { ["text/plain"] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "string" } } };

    private static JsonObject Json(JsonTypeInfo type, JsonObject schemas) => new() { ["application/json"] = new JsonObject { ["schema"] = Reference(type, schemas) } };

    private static JsonObject Reference(JsonTypeInfo type, JsonObject schemas)
    {
        var name = type.Type.Name;
        if (!schemas.ContainsKey(name))
            schemas.Add(name, JsonSchemaExporter.GetJsonSchemaAsNode(type, new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = ShowBytes }));
        return new() { ["$ref"] = SchemaPrefix + name };
    }

    /// <summary>The exporter does not look into a converter of our own, so members that are bytes are shown here.</summary>
    private static JsonNode ShowBytes(JsonSchemaExporterContext context, JsonNode schema)
    {
        if (schema is not JsonObject { } shown || shown["properties"] is not JsonObject members)
            return schema;
        foreach (var member in context.TypeInfo.Properties)
        {
            if (member.PropertyType == typeof(byte[]))
                members[member.Name] = AnyBytes(member.IsGetNullable);
            else if (member.PropertyType == typeof(byte[][]))
                members[member.Name] = new JsonObject { ["type"] = "array", ["items"] = AnyBytes(false) };
        }

        return schema;
    }

    private static JsonObject AnyBytes(bool orNull) => new()
    {
        ["type"] = orNull ? new JsonArray("string", "null") : "string",
        ["contentEncoding"] = "base64url",
    };

    private static JsonObject Sorted(JsonObject schemas) =>
        new(schemas.OrderBy(schema => schema.Key, StringComparer.Ordinal).Select(schema => KeyValuePair.Create(schema.Key, schema.Value?.DeepClone())));

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex PathParameter();
}
