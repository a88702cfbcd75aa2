using Microsoft.AspNetCore.Routing;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Http;

namespace Sotto.Relay.Tests.OpenApi;

/// <summary>The description of the HTTP half is true, committed and served.</summary>
public sealed class OpenApiTests
{
    [Fact]
    public async Task The_table_has_every_route_that_the_relay_serves_and_no_other()
    {
        await using var relay = await TestRelay.StartAsync();
        var served = relay.Server.Endpoints.OfType<RouteEndpoint>()
            .SelectMany(endpoint => endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Select(method => $"{method} {endpoint.RoutePattern.RawText}"));
        var described = RouteTable.All.Select(route => $"{route.Method} {route.Path}");

        Assert.Equal(served.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    /// <summary>With SOTTO_WRITE_OPENAPI set, the file is written anew instead of compared.</summary>
    [Fact]
    public async Task The_committed_file_is_what_the_table_gives()
    {
        var file = Path.Combine(RepositoryFolder(), "docs", "protocol", "openapi.json");
        var made = OpenApiDocument.Make();
        if (Environment.GetEnvironmentVariable("SOTTO_WRITE_OPENAPI") is { Length: > 0 })
            await File.WriteAllTextAsync(file, made);
        Assert.Equal(made, await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task The_relay_serves_the_committed_file()
    {
        await using var relay = await TestRelay.StartAsync();
        using var http = new HttpClient { BaseAddress = relay.Server.Address };
        using var answer = await http.GetAsync(Routes.OpenApi);

        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(RepositoryFolder(), "docs", "protocol", "openapi.json")), await answer.Content.ReadAsStringAsync());
    }

    private static string RepositoryFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Sotto.slnx")))
            folder = folder.Parent!;
        return folder.FullName;
    }
}
