using System.Text.Json;
using Sotto.EndToEnd.Tests.Running;

namespace Sotto.EndToEnd.Tests;

/// <summary><c>--json</c>: every line of stdout is one object, whatever the peer writes.</summary>
public sealed class JsonTests : IDisposable
{
    private readonly Home _ann = new();
    private readonly Home _bob = new();

    [Fact]
    public async Task Every_line_of_stdout_is_one_object_on_both_sides()
    {
        await using var ann = SottoProcess.Host(_ann, "--json");
        var invite = (await ann.Out.WaitForAsync(@"""invite"":""([^""]+)""")).Groups[1].Value;
        await using var bob = SottoProcess.Join(_bob, invite, "--json");
        await Task.WhenAll(
            ann.SendAllAsync("grüße\n\"quoted\" \\ \u001b[2J\n\n"u8.ToArray()),
            bob.SendAllAsync([.. "no end and not UTF-8: "u8, 0xFF, 0x00, 0x0D]));

        Assert.Equal(0, await ann.ExitAsync());
        Assert.Equal(0, await bob.ExitAsync());
        Assert.Equal(["grüße", "\"quoted\" \\ \u001b[2J", ""], Messages(bob).Select(message => message.GetProperty("text").GetString()));
        var only = Assert.Single(Messages(ann));
        Assert.Equal("no end and not UTF-8: \uFFFD\0\r", only.GetProperty("text").GetString());
        Assert.Equal("unterminated", only.GetProperty("shape").GetString());
    }

    [Fact]
    public async Task A_message_has_conversation_sender_id_sentAt_and_text()
    {
        var before = DateTimeOffset.UtcNow.AddSeconds(-2);
        await using var ann = SottoProcess.Host(_ann, "--json");
        var invite = (await ann.Out.WaitForAsync(@"""invite"":""([^""]+)""")).Groups[1].Value;
        await using var bob = SottoProcess.Join(_bob, invite, "--json");
        await Task.WhenAll(ann.SendAllAsync("to Bob\n"u8.ToArray()), bob.SendAllAsync("one\ntwo\n"u8.ToArray()));
        await Task.WhenAll(ann.ExitAsync(), bob.ExitAsync());

        var (first, second) = (Messages(ann)[0], Messages(ann)[1]);
        Assert.Equal("Bob", first.GetProperty("sender").GetString());
        Assert.True(first.GetProperty("verified").GetBoolean());
        Assert.Equal("one", first.GetProperty("text").GetString());
        Assert.NotEqual(first.GetProperty("id").GetString(), second.GetProperty("id").GetString());
        Assert.InRange(first.GetProperty("sentAt").GetDateTimeOffset(), before, DateTimeOffset.UtcNow);
        Assert.Matches("^[0-9a-f]{16,}$", first.GetProperty("conversation").GetString());
        Assert.Equal(first.GetProperty("conversation").GetString(), second.GetProperty("conversation").GetString());
        Assert.Equal(first.GetProperty("conversation").GetString(), Assert.Single(Messages(bob)).GetProperty("conversation").GetString());
    }

    [Fact]
    public async Task What_happens_is_told_as_events()
    {
        await using var ann = SottoProcess.Host(_ann, "--json");
        var invite = (await ann.Out.WaitForAsync(@"""invite"":""([^""]+)""")).Groups[1].Value;
        await using var bob = SottoProcess.Join(_bob, invite, "--json");
        await Task.WhenAll(ann.SendAllAsync([]), bob.SendAllAsync("a\n"u8.ToArray()));
        await Task.WhenAll(ann.ExitAsync(), bob.ExitAsync());

        string?[] told = [.. Events(ann).Select(told => told.GetProperty("event").GetString())];
        Assert.Equal(["waiting", "joined", "message", "left"], told.Where(name => name != "shown"));
        Assert.Equal("invite", Events(ann)[1].GetProperty("verification").GetString());
    }

    public void Dispose()
    {
        _ann.Dispose();
        _bob.Dispose();
    }

    private static List<JsonElement> Messages(SottoProcess process) =>
        [.. Events(process).Where(told => told.GetProperty("event").GetString() == "message")];

    private static List<JsonElement> Events(SottoProcess process)
    {
        var lines = process.Out.Text.Split('\n');
        Assert.Equal("", lines[^1]);
        return [.. lines[..^1].Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
    }
}
