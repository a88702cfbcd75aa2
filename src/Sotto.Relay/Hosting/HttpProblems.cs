using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Sotto.Relay.Metering;
using Sotto.Relay.Storage;
using Sotto.Relay.Streams;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Hosting;

/// <summary>Turns every refusal into problem details (RFC 9457), and everything unforeseen into one that says nothing.</summary>
internal sealed class HttpProblems(ILogger log, RelayMetrics metrics)
{
    /// <summary>Around everything that answers requests.</summary>
    public async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        await CarryOutAsync(context, next).ConfigureAwait(false);
        metrics.Answered((context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText, context.Response.StatusCode);
    }

    private async Task CarryOutAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            if (context.GetEndpoint() is null)
                throw new RelayException(RelayProblem.UnknownRequest);
            await next(context).ConfigureAwait(false);
            if (context.Response is { StatusCode: StatusCodes.Status405MethodNotAllowed, HasStarted: false })
                throw new RelayException(RelayProblem.WrongMethod);
        }
        catch (RelayException refusal)
        {
            await RefuseAsync(context, refusal).ConfigureAwait(false);
        }
        catch (StorageException trouble)
        {
            await RefuseAsync(context, StreamProblems.Of(trouble)).ConfigureAwait(false);
        }
        catch (BadHttpRequestException bad)
        {
            var problem = bad.StatusCode == StatusCodes.Status413PayloadTooLarge ? RelayProblem.TooLarge : RelayProblem.Malformed;
            await RefuseAsync(context, new(problem)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to read an answer.
        }
        catch (Exception unforeseen) when (unforeseen is not OperationCanceledException)
        {
            log.Unforeseen(unforeseen.GetType().Name);
            throw;
        }
    }

    private async Task RefuseAsync(HttpContext context, RelayException refusal)
    {
        metrics.Refused(refusal.Problem);
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
