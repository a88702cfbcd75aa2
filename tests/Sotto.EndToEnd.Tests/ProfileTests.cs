using Sotto.EndToEnd.Tests.Running;

namespace Sotto.EndToEnd.Tests;

/// <summary>Where things lie, what help says, and what becomes of the identity under a passphrase.</summary>
public sealed class ProfileTests : IDisposable
{
    private readonly Home _ann = new();
    private readonly Home _bob = new();

    public static TheoryData<string> Commands { get; } = ["", "direct", "direct host", "direct join", "direct peers", "direct peers list", "direct peers forget", "direct passphrase", "where", "host", "join", "send", "read", "listen", "chats", "contacts", "verify", "block", "invite", "invite new", "invite list", "invite revoke"];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Each_command_has_help(string command)
    {
        await using var help = await SottoProcess.FinishedAsync(_ann, [], [.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.Equal(0, await help.ExitAsync());
        Assert.Matches($"(?s)Usage:\\s+sotto {command}", help.Out.Text);
        Assert.Empty(help.Error.Bytes);
        Assert.False(Directory.Exists(_ann.Profile));
    }

    [Fact]
    public async Task No_arguments_at_all_show_what_can_be_typed()
    {
        await using var sotto = await SottoProcess.FinishedAsync(_ann, []);
        Assert.Equal(1, await sotto.ExitAsync());
        Assert.Matches("(?s)sotto direct host.*Usage:", sotto.Error.Text);
    }

    [Fact]
    public async Task The_version_is_a_number_alone()
    {
        await using var version = await SottoProcess.FinishedAsync(_ann, [], "--version");
        Assert.Equal(0, await version.ExitAsync());
        Assert.Matches(@"^\d+\.\d+\.\d+\S*\n$", version.Out.Text);
    }

    [Fact]
    public async Task Where_follows_SOTTO_HOME()
    {
        await using var where = await SottoProcess.FinishedAsync(_ann, [], "where");
        Assert.Equal(0, await where.ExitAsync());
        Assert.Contains($"{_ann.Profile}  (from SOTTO_HOME)", where.Out.Text, StringComparison.Ordinal);
        Assert.Contains(_ann.IdentityFile, where.Out.Text, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_ann.Profile));
    }

    [Fact]
    public async Task Where_follows_XDG_DATA_HOME_otherwise()
    {
        var data = Path.Combine(_ann.Folder, "data");
        await using var where = await SottoProcess.FinishedAsync(_ann, new() { ["SOTTO_HOME"] = "", ["XDG_DATA_HOME"] = data }, "where");
        Assert.Equal(0, await where.ExitAsync());
        Assert.Contains($"profile  {Path.Combine(data, "sotto")}  ", where.Out.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(_ann.Profile, where.Out.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_says_what_is_there_by_now()
    {
        await using var before = await SottoProcess.FinishedAsync(_ann, [], "where");
        await using var made = await SottoProcess.FinishedAsync(_ann, [], "direct", "join", "127.0.0.1:1");
        await using var after = await SottoProcess.FinishedAsync(_ann, [], "where");
        Assert.Contains("identity  (not there yet)", before.Out.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("identity  (not there yet)", after.Out.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Identity_and_people_are_readable_by_their_owner_alone()
    {
        await using var ann = SottoProcess.Host(_ann);
        await using var bob = SottoProcess.Join(_bob, await ann.InviteAsync());
        await Task.WhenAll(ann.SendAllAsync([]), bob.SendAllAsync([]));
        await Task.WhenAll(ann.ExitAsync(), bob.ExitAsync());

        Assert.Equal(2, _ann.ProfileFiles().Count);
        Assert.All(_ann.ProfileFiles(), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, Home.ModeOf(file)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, Home.ModeOf(Path.GetDirectoryName(_ann.IdentityFile)!));
    }

    [Fact]
    public async Task A_passphrase_is_asked_for_from_then_on_and_can_be_changed_and_taken_away()
    {
        var (first, second, wrong) = (_ann.Write("first", "correct horse\n"), _ann.Write("second", "battery staple"), _ann.Write("wrong", "incorrect horse\n"));
        Assert.Equal(0, await PassphraseAsync(new() { ["SOTTO_NEW_PASSPHRASE_FILE"] = first }));
        var sealedOnce = await File.ReadAllBytesAsync(_ann.IdentityFile);
        Assert.Equal(1, await JoinNobodyAsync([]));
        Assert.Equal(4, await JoinNobodyAsync(new() { ["SOTTO_PASSPHRASE_FILE"] = wrong }));
        Assert.Equal(3, await JoinNobodyAsync(new() { ["SOTTO_PASSPHRASE_FILE"] = first }));
        Assert.Equal(4, await PassphraseAsync(new() { ["SOTTO_PASSPHRASE_FILE"] = wrong, ["SOTTO_NEW_PASSPHRASE_FILE"] = second }));
        Assert.Equal(sealedOnce, await File.ReadAllBytesAsync(_ann.IdentityFile));
        Assert.Equal(0, await PassphraseAsync(new() { ["SOTTO_PASSPHRASE_FILE"] = first, ["SOTTO_NEW_PASSPHRASE_FILE"] = second }));
        Assert.Equal(4, await JoinNobodyAsync(new() { ["SOTTO_PASSPHRASE_FILE"] = first }));
        Assert.Equal(0, await PassphraseAsync(new() { ["SOTTO_PASSPHRASE_FILE"] = second }, "--remove"));
        Assert.Equal(3, await JoinNobodyAsync([]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, Home.ModeOf(_ann.IdentityFile));
    }

    public void Dispose()
    {
        _ann.Dispose();
        _bob.Dispose();
    }

    private async Task<int> PassphraseAsync(Dictionary<string, string> environment, params string[] more) =>
        await CodeWithoutSecretsAsync(environment, ["direct", "passphrase", .. more]);

    private async Task<int> JoinNobodyAsync(Dictionary<string, string> environment) =>
        await CodeWithoutSecretsAsync(environment, "direct", "join", "127.0.0.1:1");

    private async Task<int> CodeWithoutSecretsAsync(Dictionary<string, string> environment, params string[] arguments)
    {
        await using var sotto = await SottoProcess.FinishedAsync(_ann, environment, arguments);
        Assert.DoesNotMatch("horse|staple", sotto.Error.Text + sotto.Out.Text);
        return await sotto.ExitAsync();
    }
}
