using System.Text.Json;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;

namespace Sotto.Client.Relays;

/// <summary>Sends a request and turns every refusal into its typed exception.</summary>
internal static class HttpSending
{
    /// <returns>A successful answer, which the caller disposes. The request is disposed.</returns>
    public static async Task<HttpResponseMessage> SendAsync(HttpClient http, HttpRequestMessage message, CancellationToken cancellationToken)
    {
        using (message)
        {
            try
            {
                var response = await http.SendAsync(message, cancellationToken).ConfigureAwait(false);
                if (response.IsSuccessStatusCode)
                    return response;
                using (response)
                    throw await ReadProblemAsync(response, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (HttpFailures.IsConnection(failure, cancellationToken))
            {
                throw HttpFailures.Unreachable(failure);
            }
        }
    }

    private static async Task<Exception> ReadProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
            return new RelayUnreachableException($"Something that is no relay answered with {(int)response.StatusCode}.");
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var problem = await JsonSerializer.DeserializeAsync(stream, RelayJson.Default.ProblemBody, cancellationToken).ConfigureAwait(false);
        return new RelayRefusedException(problem is null ? null : ProblemTypes.Parse(problem.Type));
    }
}
