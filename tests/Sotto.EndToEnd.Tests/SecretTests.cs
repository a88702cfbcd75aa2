using System.Security.Cryptography;
using System.Text;
using Sotto.EndToEnd.Tests.Running;

namespace Sotto.EndToEnd.Tests;

/// <summary>Canaries: secrets and messages are nowhere where they do not belong.</summary>
public sealed class SecretTests : IDisposable
{
    private readonly Home _ann = new();
    private readonly Home _bob = new();

    [Fact]
    public async Task The_invites_secret_is_shown_once_by_the_host_and_never_again()
    {
        await using var ann = SottoProcess.Host(_ann);
        var invite = await ann.InviteAsync();
        var secret = invite[(invite.IndexOf('#', StringComparison.Ordinal) + 1)..];
        await using var bob = SottoProcess.Join(_bob, "-");
        await bob.SendAsync(invite + "\n");
        await bob.Error.WaitForAsync("Ann is here");
        Assert.DoesNotContain(secret, bob.CommandLine(), StringComparison.Ordinal);
        bob.EndInput();
        ann.EndInput();
        await Task.WhenAll(ann.ExitAsync(), bob.ExitAsync());

        Assert.True(secret.Length > 40);
        Assert.Equal(2, ann.Error.Text.Split(secret).Length);
        AssertNowhere(secret, ann.Out.Text, bob.Out.Text, bob.Error.Text);
        AssertNotStored(_ann, secret);
        AssertNotStored(_bob, secret);
    }

    [Theory]
    [InlineData("sotto:d/127.0.0.1:1#{0}x")]
    [InlineData("sotto:d/127.0.0.1#{0}#{0}")]
    [InlineData("sotto:x/127.0.0.1:1#{0}")]
    public async Task A_broken_invite_is_refused_without_repeating_it(string broken)
    {
        var canary = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(22));
        await using var bob = SottoProcess.Join(_bob, "-");
        await bob.SendAsync(broken.Replace("{0}", canary, StringComparison.Ordinal) + "\n");
        bob.EndInput();

        Assert.Equal(1, await bob.ExitAsync());
        AssertNowhere(canary, bob.Out.Text, bob.Error.Text);
    }

    [Fact]
    public async Task What_was_said_is_nowhere_on_disk()
    {
        const string canary = "canary that only two people know";
        await using var ann = SottoProcess.Host(_ann);
        await using var bob = SottoProcess.Join(_bob, await ann.InviteAsync());
        await Task.WhenAll(ann.SendAllAsync(Encoding.UTF8.GetBytes(canary + "\n")), bob.SendAllAsync(Encoding.UTF8.GetBytes(canary)));
        Assert.Equal(0, await ann.ExitAsync());
        Assert.Equal(0, await bob.ExitAsync());

        Assert.Equal(canary, ann.Out.Text);
        AssertNotStored(_ann, canary);
        AssertNotStored(_bob, canary);
        AssertNowhere(canary, ann.Error.Text, bob.Error.Text);
        Assert.Equal(["identity", "peers.json"], _ann.ProfileFiles().Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_papers_key_is_in_no_argument_and_no_text(bool fromFile)
    {
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).Replace('+', '-').Replace('/', '_');
        string[] given = fromFile ? ["--key-file", _ann.Write("key", key)] : [];
        Dictionary<string, string> environment = fromFile ? [] : new() { ["SOTTO_KEY"] = key };
        await using var ann = SottoProcess.StartWith(_ann, environment, ["direct", "host", "--paper", "--listen", "127.0.0.1:0", .. given]);
        await using var bob = SottoProcess.StartWith(_bob, environment, ["direct", "join", $"127.0.0.1:{await ann.PortAsync()}", "--paper", .. given]);
        await bob.Error.WaitForAsync("Somebody with a connection");
        AssertNowhere(key, ann.CommandLine(), bob.CommandLine());
        await Task.WhenAll(ann.SendAllAsync("a\n"u8.ToArray()), bob.SendAllAsync("b\n"u8.ToArray()));
        Assert.Equal(0, await ann.ExitAsync());
        Assert.Equal(0, await bob.ExitAsync());

        AssertNowhere(key, ann.Out.Text, ann.Error.Text, bob.Out.Text, bob.Error.Text);
        Assert.False(Directory.Exists(_ann.Profile));
    }

    public void Dispose()
    {
        _ann.Dispose();
        _bob.Dispose();
    }

    private static void AssertNowhere(string canary, params string[] texts) =>
        Assert.All(texts, text => Assert.DoesNotContain(canary, text, StringComparison.Ordinal));

    private static void AssertNotStored(Home home, string canary) =>
        Assert.All(home.ProfileFiles(), file => Assert.Equal(-1, File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(canary))));
}
