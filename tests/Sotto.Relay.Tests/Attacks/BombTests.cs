using System.Text;
using Sotto.Relay.Tests.Running;
using Sotto.Wire;
using Sotto.Wire.Http;

namespace Sotto.Relay.Tests.Attacks;

/// <summary>AT-16: what a request makes the relay allocate, whatever it names. Nothing else runs beside these, as they count bytes.</summary>
[Collection(nameof(BombTests))]
[CollectionDefinition(nameof(BombTests), DisableParallelization = true)]
public sealed class BombTests
{
    private const long MostAllocated = 64 * 1024 * 1024;

    [Theory]
    [InlineData("/v1/accounts", "{\"genesis\":\"AA\",\"lists\":[", "\"\",", "\"\"]}")]
    [InlineData("/v1/accounts", "{\"lists\":", "[", "")]
    [InlineData("/v1/key-packages/claim", "{\"targets\":[", "{\"account\":\"\",\"token\":\"\",\"id\":\"\"},", "{}]}")]
    [InlineData("/v1/key-packages/claim", "{\"x\":[", "1,", "1]}")]
    [InlineData("/v1/key-packages/claim", "{", "\"a\":0,", "\"targets\":[]}")]
    public async Task A_body_of_four_megabytes_costs_bounded_memory_and_the_next_request_is_served(string path, string start, string part, string end)
    {
        await using var relay = await TestRelay.StartAsync();
        using var http = new HttpClient { BaseAddress = relay.Server.Address };
        var bomb = Encoding.ASCII.GetBytes(start + string.Concat(Enumerable.Repeat(part, (Limits.LargeBody - 200) / part.Length)) + end);
        await http.GetStringAsync(Routes.Ready);

        var before = GC.GetTotalAllocatedBytes(precise: true);
        using var answer = await http.PostAsync(path, new ByteArrayContent(bomb));
        await BadBodyTests.RequireProblemAsync(answer, path);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, MostAllocated);
        Assert.Equal("ready", await http.GetStringAsync(Routes.Ready));
    }
}
