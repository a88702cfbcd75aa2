using System.Net.Http.Json;
using Sotto.Relay.Hosting;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Http;
using Sotto.Wire.Records;

namespace Sotto.Relay.Tests.Hosting;

/// <summary>A newer statement never has a lower number than one given before: clients refuse it.</summary>
public sealed class StatementTests
{
    [Fact]
    public async Task The_number_rises_when_the_clock_goes_back_and_the_relay_starts_again()
    {
        await using var relay = await TestRelay.StartAsync();
        var first = await ReadAsync(relay);
        Assert.Equal((ulong)relay.Time.GetUtcNow().ToUnixTimeMilliseconds(), first.Number);

        relay.Time.Advance(TimeSpan.FromDays(-30));
        var second = await ReadAsync(relay);
        Assert.True(second.Number > first.Number);
        await relay.RestartAsync();
        var third = await ReadAsync(relay);
        Assert.True(third.Number > second.Number);
        Assert.Equal((ulong)(relay.Time.GetUtcNow().ToUnixTimeSeconds() + (7 * 86_400)), third.Expires);
    }

    [Fact]
    public async Task It_is_the_same_for_a_day_and_then_another()
    {
        await using var relay = await TestRelay.StartAsync();
        var first = await ReadAsync(relay);
        relay.Time.Advance(TimeSpan.FromHours(23));
        Assert.Equal(first.Number, (await ReadAsync(relay)).Number);
        relay.Time.Advance(TimeSpan.FromHours(1));
        Assert.True((await ReadAsync(relay)).Number > first.Number);
    }

    [Fact]
    public async Task While_no_number_can_be_stored_the_last_statement_is_given_for_as_long_as_it_holds()
    {
        await using var relay = await TestRelay.StartAsync();
        var first = await ReadAsync(relay);
        var inTheWay = Directory.CreateDirectory(Path.Combine(relay.Folder, RelayState.FileName + ".new"));
        relay.Time.Advance(TimeSpan.FromDays(6));
        Assert.Equal(first.Number, (await ReadAsync(relay)).Number);
        relay.Time.Advance(TimeSpan.FromDays(1));
        using var http = new HttpClient { BaseAddress = relay.Server.Address };
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, (await http.GetAsync(Routes.Relay)).StatusCode);

        inTheWay.Delete();
        Assert.True((await ReadAsync(relay)).Number > first.Number);
    }

    [Fact]
    public async Task A_damaged_state_file_stops_the_start_and_is_not_changed()
    {
        using var folder = new RelayFolder();
        var path = Path.Combine(folder.Path, RelayState.FileName);
        await File.WriteAllTextAsync(path, "{}");
        var refused = await Assert.ThrowsAsync<Relay.Storage.StorageException>(() => TestRelay.StartAsync(settings => settings with { Folder = folder.Path }));

        Assert.Contains(RelayState.FileName, refused.Message, StringComparison.Ordinal);
        Assert.Equal("{}", await File.ReadAllTextAsync(path));
    }

    private static async Task<RelayStatement> ReadAsync(TestRelay relay)
    {
        using var http = new HttpClient { BaseAddress = relay.Server.Address };
        var answer = (await http.GetFromJsonAsync(Routes.Relay, RelayJson.Default.RelayAnswer))!;
        return RelayStatement.Decode(SignedRecord.Decode(answer.Statement).Body.Span);
    }
}
