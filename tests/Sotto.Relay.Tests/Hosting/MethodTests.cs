using System.Net;
using System.Net.Http.Json;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Http;

namespace Sotto.Relay.Tests.Hosting;

public sealed class MethodTests
{
    [Theory]
    [InlineData("DELETE", Routes.Relay)]
    [InlineData("POST", Routes.Nonce)]
    [InlineData("GET", Routes.Accounts)]
    [InlineData("PATCH", Routes.Account)]
    [InlineData("POST", "/v1/accounts/AAAA/card")]
    [InlineData("POST", Routes.Ready)]
    public async Task A_wrong_method_is_a_problem_that_names_the_right_ones(string method, string path)
    {
        await using var relay = await TestRelay.StartAsync();
        using var http = new HttpClient { BaseAddress = relay.Server.Address };
        using var answer = await http.SendAsync(new(new(method), path));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.NotEmpty(answer.Content.Headers.Allow);
        Assert.DoesNotContain(method, answer.Content.Headers.Allow);
        Assert.Equal("urn:sotto:problem:wrong-method", (await answer.Content.ReadFromJsonAsync(RelayJson.Default.ProblemBody))!.Type);
    }
}
