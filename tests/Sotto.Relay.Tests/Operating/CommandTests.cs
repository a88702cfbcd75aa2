using System.Text.Json;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Links;

namespace Sotto.Relay.Tests.Operating;

/// <summary>The operator's commands, as the real executable runs them beside a relay that runs or does not.</summary>
public sealed class CommandTests
{
    [Fact]
    public async Task Invite_knows_where_the_relay_is_reached_and_says_so_when_it_cannot()
    {
        using var folder = new RelayFolder();
        Assert.Equal(1, (await CommandAnswer.OfAsync("invite", "--data", folder.Path)).Code);
        await using (var relay = await RelayProcess.StartAsync(folder, "--address", "relay.example:4433"))
        {
            var answer = await CommandAnswer.OfAsync("invite", "--data", folder.Path);
            Assert.True(RegistrationLink.TryParse(answer.Output.Trim(), out var link));
            Assert.Equal("relay.example:4433", link!.Address);
            using var ann = new Person(relay.Address, relay.Key);
            await ann.RegisterAsync(link.Token.ToArray());
        }

        await using (await RelayProcess.StartAsync(folder, "--public", "https://relay.example", "--behind-proxy", "127.0.0.1"))
        {
            // Only started, so that it says where it is reached.
        }

        Assert.StartsWith("sotto:g/relay.example:443#", (await CommandAnswer.OfAsync("invite", "--data", folder.Path)).Output, StringComparison.Ordinal);
        Assert.StartsWith("sotto:g/other.example:1#", (await CommandAnswer.OfAsync("invite", "--data", folder.Path, "--address", "other.example:1")).Output, StringComparison.Ordinal);
        Assert.Equal(1, (await CommandAnswer.OfAsync("invite", "--data", folder.Path, "--address", "nonsense")).Code);
    }

    [Fact]
    public async Task Status_and_prune_work_beside_a_running_relay_and_without_it()
    {
        using var folder = new RelayFolder();
        Assert.Equal(1, (await CommandAnswer.OfAsync("status", "--data", folder.Path)).Code);
        await using (var relay = await RelayProcess.StartAsync(folder, "--open-registration"))
        {
            using var ann = new Person(relay.Address, relay.Key);
            await ann.RegisterAsync();
            await ann.AddVouchersAsync(1);
            await using var stream = await StreamClient.ConnectAsync(relay.Address);
            await TestChannel.CreateAsync(stream, ann);

            var status = await JsonAsync("status", "--json", "--data", folder.Path);
            Assert.True(status.GetProperty("running").GetBoolean());
            Assert.Equal(("ready", 1), (status.GetProperty("now").GetProperty("health").GetString(), status.GetProperty("now").GetProperty("streams").GetInt32()));
            Assert.Equal((1, 1, 1), (Count(status, "accounts"), Count(status, "channels"), Count(status, "mailboxes")));
            var report = await JsonAsync("prune", "--json", "--data", folder.Path);
            Assert.Equal(1, report.GetProperty("after").GetProperty("accounts").GetInt32());
            Assert.Equal(0, await relay.TerminateAsync());
        }

        var blobs = Directory.CreateDirectory(Path.Combine(folder.Path, "blobs", "ab"));
        await File.WriteAllTextAsync(Path.Combine(blobs.FullName, "ab00"), "left from a crash");
        var stopped = await JsonAsync("status", "--json", "--data", folder.Path);
        Assert.False(stopped.GetProperty("running").GetBoolean());
        Assert.Equal((1, 17), (Count(stopped, "accounts"), stopped.GetProperty("blob_bytes").GetInt32()));
        Assert.Equal(1, (await JsonAsync("prune", "--json", "--data", folder.Path)).GetProperty("files").GetInt32());
        Assert.Contains("does not run", (await CommandAnswer.OfAsync("status", "--data", folder.Path)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_relay_that_was_killed_is_seen_as_one_that_does_not_run()
    {
        using var folder = new RelayFolder();
        await using (var relay = await RelayProcess.StartAsync(folder))
            relay.Kill();

        var answer = await CommandAnswer.OfAsync("status", "--data", folder.Path);
        Assert.Equal(0, answer.Code);
        Assert.Contains("does not run", answer.Output, StringComparison.Ordinal);
        await using var again = await RelayProcess.StartAsync(folder);
        Assert.Contains("runs for", (await CommandAnswer.OfAsync("status", "--data", folder.Path)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backup_of_a_running_relay_is_restored_into_a_folder_that_serves_the_same_accounts()
    {
        using var folder = new RelayFolder();
        using var elsewhere = new RelayFolder();
        var (backup, restored) = (Path.Combine(elsewhere.Path, "backup"), Path.Combine(elsewhere.Path, "restored"));
        await using var relay = await RelayProcess.StartAsync(folder, "--open-registration");
        using var ann = new Person(relay.Address, relay.Key);
        await ann.RegisterAsync();
        Assert.Equal((0, backup), Trimmed(await CommandAnswer.OfAsync("backup", backup, "--data", folder.Path)));
        Assert.Equal(1, (await CommandAnswer.OfAsync("backup", backup, "--data", folder.Path)).Code);
        Assert.Equal((0, restored), Trimmed(await CommandAnswer.OfAsync("restore", backup, "--data", restored)));
        Assert.Equal(1, (await CommandAnswer.OfAsync("restore", backup, "--data", folder.Path)).Code);

        await using var after = await RelayProcess.StartAsync(restored);
        Assert.Equal(relay.Key, after.Key);
        using var back = ann.At(after.Address, after.Key);
        await back.AddVouchersAsync(1);
    }

    [Fact]
    public async Task A_settings_file_names_the_folder_for_every_command_and_a_flag_stands_above_it()
    {
        using var folder = new RelayFolder();
        using var other = new RelayFolder();
        await using (await RelayProcess.StartAsync(folder))
        {
            // Only started, so that the folder is a relay's.
        }

        var file = Path.Combine(other.Path, "relay.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new Dictionary<string, string> { ["data"] = folder.Path }));
        Assert.Equal(0, (await CommandAnswer.OfAsync("status", "--config", file)).Code);
        Assert.Contains(other.Path, (await CommandAnswer.OfAsync("status", "--config", file, "--data", other.Path)).Errors, StringComparison.Ordinal);
        var missing = await CommandAnswer.OfAsync("--config", file + ".missing");
        Assert.Equal(1, missing.Code);
        Assert.Contains("cannot be read", missing.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("invite")]
    [InlineData("status")]
    [InlineData("backup")]
    [InlineData("restore")]
    [InlineData("prune")]
    public async Task Help_shows_an_example(string command)
    {
        var answer = await CommandAnswer.OfAsync([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.Equal(0, answer.Code);
        Assert.Contains($"  sotto relay {command}".TrimEnd(), answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_that_do_not_fit_are_a_usage_error_with_a_sentence()
    {
        using var folder = new RelayFolder();
        var answer = await CommandAnswer.OfAsync("--data", folder.Path, "--behind-proxy", "127.0.0.1");
        Assert.Equal((1, ""), (answer.Code, answer.Output));
        Assert.Contains("--behind-proxy needs --public URL", answer.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    private static (int Code, string Output) Trimmed(CommandAnswer answer) => (answer.Code, answer.Output.Trim());

    private static int Count(JsonElement status, string name) => status.GetProperty("counts").GetProperty(name).GetInt32();

    private static async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var answer = await CommandAnswer.OfAsync(arguments);
        Assert.Equal((0, ""), (answer.Code, answer.Errors));
        return JsonDocument.Parse(answer.Output).RootElement;
    }
}
