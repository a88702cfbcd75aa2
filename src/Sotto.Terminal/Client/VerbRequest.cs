using System.Text.Json.Serialization;

namespace Sotto.Terminal.Client;

/// <summary>A verb with everything that it needs, whoever carries it out: this process, or the one that holds the profile.</summary>
internal sealed record VerbRequest
{
    /// <summary>Its name, as typed: <c>send</c>, <c>invite new</c>.</summary>
    public required string Verb { get; init; }

    /// <summary>The contact, or the invite's name.</summary>
    public string? Name { get; init; }

    /// <summary>A message.</summary>
    public string? Text { get; init; }

    /// <summary>The id of the message that it answers.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>What is waited for: <c>sent</c>, <c>delivered</c> or <c>read</c>.</summary>
    public string Wait { get; init; } = "sent";

    /// <summary>How many messages or uses.</summary>
    public int Count { get; init; } = 1;

    public bool Json { get; init; }

    /// <summary>The answer to a safety number, or whether a block ends.</summary>
    public bool? Answer { get; init; }

    /// <summary>Seconds to wait for the relay.</summary>
    public int Timeout { get; init; } = 30;
}

/// <summary>A line of what a verb says, or at the end its exit code.</summary>
/// <param name="Text">A line.</param>
/// <param name="IsError">Whether it goes to stderr.</param>
/// <param name="Exit">The exit code; null while it goes on.</param>
internal sealed record VerbReply(string? Text = null, bool IsError = false, int? Exit = null);

/// <summary>How requests and replies cross the profile's socket, one JSON object a line.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(VerbRequest))]
[JsonSerializable(typeof(VerbReply))]
internal sealed partial class VerbJson : JsonSerializerContext;
