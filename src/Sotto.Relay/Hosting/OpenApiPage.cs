using Microsoft.AspNetCore.Http;

namespace Sotto.Relay.Hosting;

/// <summary>docs/protocol/openapi.json as it was when the relay was built.</summary>
internal static class OpenApiPage
{
    public static async Task AnswerAsync(HttpContext context)
    {
        using var file = typeof(OpenApiPage).Assembly.GetManifestResourceStream("openapi.json")!;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = file.Length;
        await file.CopyToAsync(context.Response.Body, context.RequestAborted).ConfigureAwait(false);
    }
}
