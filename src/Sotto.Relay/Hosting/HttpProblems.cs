using Microsoft.AspNetCore.Http;
using Sotto.Relay.Storage;
using Sotto.Relay.Streams;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Hosting;

/// <summary>Turns every refusal into problem details (RFC 9457), and everything unforeseen into one that says nothing.</summary>
internal static class HttpProblems
{
    public static async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (RelayException refusal)
        {
            await AnswerAsync(context, refusal).ConfigureAwait(false);
        }
        catch (StorageException trouble)
        {
            await AnswerAsync(context, StreamProblems.Of(trouble)).ConfigureAwait(false);
        }
        catch (BadHttpRequestException bad)
        {
            var problem = bad.StatusCode == StatusCodes.Status413PayloadTooLarge ? RelayProblem.TooLarge : RelayProblem.Malformed;
            await AnswerAsync(context, new(problem)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to read an answer.
        }
    }

    /// <summary>For paths and methods that no route has.</summary>
    public static Task UnknownAsync(HttpContext context) => AnswerAsync(context, new(RelayProblem.UnknownRequest));

    private static async Task AnswerAsync(HttpContext context, RelayException refusal)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        var type = ProblemTypes.Of(refusal.Problem);
        context.Response.StatusCode = type.Status;
        context.Response.Headers.CacheControl = "no-store";
        if (refusal.RetryAfterSeconds > 0)
            context.Response.Headers.RetryAfter = refusal.RetryAfterSeconds.ToString();
        var body = new ProblemBody(type.Type, type.Title, type.Status, refusal.Detail);
        await context.Response.WriteAsJsonAsync(body, RelayJson.Default.ProblemBody, "application/problem+json", context.RequestAborted).ConfigureAwait(false);
    }
}
