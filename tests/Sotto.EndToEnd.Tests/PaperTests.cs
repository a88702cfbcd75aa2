using System.Security.Cryptography;
using Sotto.EndToEnd.Tests.Running;

namespace Sotto.EndToEnd.Tests;

/// <summary>The paper's system with the real command: one key, in both roles, against itself and against Python.</summary>
public sealed class PaperTests : IDisposable
{
    private static readonly string[] _fromUs = ["hi", "grüße an alle", "🎉 日本語", new string('y', 2900), "last"];
    private static readonly string[] _fromPython = ["hello", "żółw 🐢", new string('x', 2900), "bye"];

    private readonly Home _ann = new();
    private readonly Home _bob = new();
    private readonly string _key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).Replace('+', '-').Replace('/', '_');

    [Fact]
    public async Task We_host_and_Python_joins_with_the_key_that_we_print()
    {
        await using var ann = SottoProcess.Host(_ann, "--paper");
        var key = (await ann.Error.WaitForAsync(@"The key, to hand over yourself:  (\S{44})")).Groups[1].Value;
        await using var python = await PythonPeer.StartAsync(key, "client", (await ann.PortAsync()).ToString());

        await TalkAsync(ann, python);
    }

    [Fact]
    public async Task Python_hosts_and_we_join_with_its_key()
    {
        await using var python = await PythonPeer.StartAsync(_key, "server");
        await using var bob = SottoProcess.Join(_bob, $"127.0.0.1:{await python.PortAsync()}", "--paper", "--key-file", _bob.Write("key", _key + "\n"));

        await TalkAsync(bob, python);
    }

    [Fact]
    public async Task Sotto_talks_with_sotto()
    {
        await using var ann = SottoProcess.StartWith(_ann, new() { ["SOTTO_KEY"] = _key }, "direct", "host", "--paper", "--listen", "127.0.0.1:0");
        await using var bob = SottoProcess.Join(_bob, $"127.0.0.1:{await ann.PortAsync()}", "--paper", "--key-file", "-");
        await Task.WhenAll(ann.SendAllAsync("from Ann\nand more\n"u8.ToArray()), bob.SendAllAsync([.. System.Text.Encoding.UTF8.GetBytes(_key), .. "\nfrom Bob\n"u8]));

        Assert.Equal(0, await ann.ExitAsync());
        Assert.Equal(0, await bob.ExitAsync());
        Assert.Equal("from Bob\n", ann.Out.Text);
        Assert.Equal("from Ann\nand more\n", bob.Out.Text);
    }

    [Fact]
    public async Task Who_has_more_to_say_than_the_other_is_heard_to_the_end()
    {
        await using var ann = SottoProcess.StartWith(_ann, new() { ["SOTTO_KEY"] = _key }, "direct", "host", "--paper", "--listen", "127.0.0.1:0");
        await using var bob = SottoProcess.StartWith(_bob, new() { ["SOTTO_KEY"] = _key }, "direct", "join", $"127.0.0.1:{await ann.PortAsync()}", "--paper");
        bob.EndInput();
        await ann.Error.WaitForAsync("The other side has closed");
        await ann.SendAllAsync("one\ntwo\n"u8.ToArray());

        Assert.Equal(0, await ann.ExitAsync());
        Assert.Equal(0, await bob.ExitAsync());
        Assert.Equal("one\ntwo\n", bob.Out.Text);
    }

    [Fact]
    public async Task Address_and_key_may_both_come_on_stdin_before_the_lines()
    {
        await using var ann = SottoProcess.StartWith(_ann, new() { ["SOTTO_KEY"] = _key }, "direct", "host", "--paper", "--listen", "127.0.0.1:0");
        var port = await ann.PortAsync();
        await using var bob = SottoProcess.Join(_bob, "-", "--paper", "--key-file", "-");
        await bob.SendAsync($"127.0.0.1:{port}\n{_key}\nthe first line\n");
        bob.EndInput();
        await ann.SendAllAsync([]);

        Assert.Equal(0, await bob.ExitAsync());
        Assert.Equal(0, await ann.ExitAsync());
        Assert.Equal("the first line\n", ann.Out.Text);
    }

    [Fact]
    public async Task Both_sides_are_warned_of_what_it_does_not_protect_against()
    {
        await using var ann = SottoProcess.Host(_ann, "--paper");
        var key = (await ann.Error.WaitForAsync(@"The key, to hand over yourself:  (\S{44})")).Groups[1].Value;
        await using var bob = SottoProcess.StartWith(_bob, new() { ["SOTTO_KEY"] = key }, "direct", "join", $"127.0.0.1:{await ann.PortAsync()}", "--paper");
        await Task.WhenAll(ann.SendAllAsync([]), bob.SendAllAsync([]));
        await Task.WhenAll(ann.ExitAsync(), bob.ExitAsync());

        Assert.All([ann, bob], side => Assert.Matches("(?s)does not protect against.*no forward secrecy.*Nobody's identity is checked", side.Error.Text));
    }

    [Fact]
    public async Task A_line_that_Python_could_not_read_whole_is_refused_and_the_others_go()
    {
        await using var python = await PythonPeer.StartAsync(_key, "server");
        await using var bob = SottoProcess.StartWith(_bob, new() { ["SOTTO_KEY"] = _key }, "direct", "join", $"127.0.0.1:{await python.PortAsync()}", "--paper");
        await bob.SendAsync($"before\n{new string('z', 2901)}\nafter\n");
        bob.EndInput();
        await python.GotAsync("before", "after");

        Assert.Equal(0, await python.EndAsync());
        Assert.Equal(6, await bob.ExitAsync());
        Assert.Matches("(?i)2.?900", bob.Error.Text);
    }

    [Fact]
    public async Task A_wrong_key_is_said_and_shows_nothing()
    {
        await using var ann = SottoProcess.Host(_ann, "--paper");
        await using var bob = SottoProcess.StartWith(_bob, new() { ["SOTTO_KEY"] = _key }, "direct", "join", $"127.0.0.1:{await ann.PortAsync()}", "--paper");
        await bob.SendAllAsync("with another key\n"u8.ToArray());
        await ann.Error.WaitForAsync("(?i)does not open|cannot be opened|another key");
        await ann.SendAllAsync([]);
        await Task.WhenAll(ann.ExitAsync(), bob.ExitAsync());

        Assert.Empty(ann.Out.Bytes);
    }

    [Theory]
    [InlineData("too short")]
    [InlineData("")]
    public async Task A_malformed_key_is_1_and_not_repeated(string key)
    {
        await using var bob = await SottoProcess.FinishedAsync(_bob, [], "direct", "join", "127.0.0.1:1", "--paper", "--key-file", _bob.Write("key", key));
        Assert.Equal(1, await bob.ExitAsync());
        Assert.Matches("There is no Fernet key in the key file", bob.Error.Text);
        Assert.DoesNotContain("too short", bob.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_listening_is_3()
    {
        await using var bob = await SottoProcess.FinishedAsync(_bob, new() { ["SOTTO_KEY"] = _key }, "direct", "join", "127.0.0.1:1", "--paper");
        Assert.Equal(3, await bob.ExitAsync());
    }

    [Fact]
    public async Task A_key_file_that_is_not_there_is_told_without_a_stack_trace()
    {
        await using var bob = await SottoProcess.FinishedAsync(_bob, [], "direct", "join", "127.0.0.1:1", "--paper", "--key-file", "/nowhere/key");
        Assert.NotEqual(0, await bob.ExitAsync());
        Assert.Matches("^sotto: .*/nowhere/key", bob.Error.Text);
        Assert.DoesNotContain("   at ", bob.Error.Text, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _ann.Dispose();
        _bob.Dispose();
    }

    private static async Task TalkAsync(SottoProcess ours, PythonPeer python)
    {
        await ours.SendAsync(string.Join('\n', _fromUs) + "\n");
        await python.GotAsync(_fromUs);
        await python.SayAsync(_fromPython);
        await ours.Out.WaitForAsync($"^{string.Join('\n', _fromPython)}\n$");
        ours.EndInput();

        Assert.Equal(0, await python.EndAsync());
        Assert.Equal(0, await ours.ExitAsync());
    }
}
