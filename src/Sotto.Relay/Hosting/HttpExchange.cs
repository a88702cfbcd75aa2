using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Sotto.Wire;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Hosting;

/// <summary>Reading requests and writing answers of the account plane: bounded, strict, without reflection.</summary>
internal static class HttpExchange
{
    private static RelayException Malformed => new(RelayProblem.Malformed);

    /// <summary>The whole body, exactly as sent.</summary>
    /// <exception cref="RelayException">It is longer than it may be.</exception>
    public static async Task<byte[]> ReadBodyAsync(HttpContext context, int limit)
    {
        if (context.Request.ContentLength > limit)
            throw new RelayException(RelayProblem.TooLarge);
        using var body = new MemoryStream();
        var buffer = new byte[8 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted).ConfigureAwait(false)) > 0)
        {
            if (body.Length + read > limit)
                throw new RelayException(RelayProblem.TooLarge);
            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    /// <summary>A body as what it must be.</summary>
    /// <exception cref="RelayException">It is not.</exception>
    public static T Parse<T>(byte[] body, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, type) ?? throw Malformed;
        }
        catch (JsonException)
        {
            throw Malformed;
        }
    }

    public static Task AnswerAsync<T>(HttpContext context, T answer, JsonTypeInfo<T> type)
    {
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(answer, type, cancellationToken: context.RequestAborted);
    }

    public static Task NoContentAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    public static Bytes32 Header32(HttpContext context, string name) => ThirtyTwo(Decode(context.Request.Headers[name].ToString(), Bytes32.Length));

    public static byte[] HeaderBytes(HttpContext context, string name, int length) => Decode(context.Request.Headers[name].ToString(), length);

    public static Bytes32 Route32(HttpContext context, string name) => ThirtyTwo(Decode((string)context.Request.RouteValues[name]!, Bytes32.Length));

    public static Bytes16 Route16(HttpContext context, string name) => Sixteen(Decode((string)context.Request.RouteValues[name]!, Bytes16.Length));

    public static Bytes16 Sixteen(byte[] bytes) => bytes.Length == Bytes16.Length ? new(bytes) : throw Malformed;

    public static Bytes32 ThirtyTwo(byte[] bytes) => bytes.Length == Bytes32.Length ? new(bytes) : throw Malformed;

    /// <summary>H of a token that came in full.</summary>
    public static Bytes32 HashOfToken(byte[] token) => token.Length == Limits.Capability ? Bytes32.HashOf(token) : throw Malformed;

    /// <summary>Base64url of exactly so many bytes, in its one canonical form.</summary>
    private static byte[] Decode(string text, int length)
    {
        var bytes = new byte[length];
        var read = Base64Url.DecodeFromChars(text, bytes, out _, out var written);
        if (read != OperationStatus.Done || written != length || Base64Url.EncodeToString(bytes) != text)
            throw Malformed;
        return bytes;
    }
}
