using Sotto.Crypto;
using Sotto.Crypto.Native;
using Sotto.Direct.Identities;

namespace Sotto.Direct.Tests.Identities;

public sealed class IdentityFileTests
{
    private static readonly Argon2Cost Cheap = new(1, 8);
    private readonly NativeCryptoProvider _crypto = new();
    private readonly IdentityFile _file;

    public IdentityFileTests() =>
        _file = new(_crypto, Path.Combine(Directory.CreateTempSubdirectory("sotto-test-").FullName, "direct", "identity"));

    [Fact]
    public void The_first_use_makes_a_key_that_stays_and_that_only_its_owner_can_read()
    {
        using var first = _file.OpenOrCreate("Ann", null);
        using var second = _file.OpenOrCreate("Ann", null);
        Assert.Equal(first.Public, second.Public);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_file.Path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(_file.Path)!));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(_file.Path)!));
    }

    [Fact]
    public async Task Many_that_start_at_once_come_to_one_key()
    {
        var keys = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() =>
        {
            using var identity = _file.OpenOrCreate("Ann", null);
            return identity.Public.Fingerprint;
        })));
        Assert.Single(keys.Distinct());
    }

    [Fact]
    public void Under_a_passphrase_the_key_opens_with_it_and_with_nothing_else()
    {
        using var plain = _file.OpenOrCreate("Ann", null);
        using var right = Secret.CopyOf("right"u8);
        using var wrong = Secret.CopyOf("wrong"u8);
        _file.ChangePassphrase(null, right, Cheap);

        Assert.True(_file.IsSealed);
        Assert.Equal(DirectFailure.IdentityUnusable, Assert.Throws<DirectException>(() => _file.OpenOrCreate("Ann", null)).Failure);
        Assert.Equal("The passphrase is wrong.", Assert.Throws<DirectException>(() => _file.OpenOrCreate("Ann", wrong)).Message);
        using var opened = _file.OpenOrCreate("Ann", right);
        Assert.Equal(plain.Public, opened.Public);
        Assert.Equal(-1, File.ReadAllBytes(_file.Path).AsSpan().IndexOf(plain.Seed.Bytes));

        _file.ChangePassphrase(right, null, default);
        using var again = _file.OpenOrCreate("Ann", null);
        Assert.Equal(plain.Public, again.Public);
    }

    [Fact]
    public void A_wrong_passphrase_changes_nothing()
    {
        _file.OpenOrCreate("Ann", null).Dispose();
        using var right = Secret.CopyOf("right"u8);
        using var wrong = Secret.CopyOf("wrong"u8);
        _file.ChangePassphrase(null, right, Cheap);
        var before = File.ReadAllBytes(_file.Path);
        Assert.Throws<DirectException>(() => _file.ChangePassphrase(wrong, null, default));
        Assert.Equal(before, File.ReadAllBytes(_file.Path));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_cut_and_every_changed_byte_of_the_file_is_refused_and_never_another_key(bool isSealed)
    {
        using var self = _file.OpenOrCreate("Ann", null);
        using var passphrase = Secret.CopyOf("right"u8);
        if (isSealed)
            _file.ChangePassphrase(null, passphrase, Cheap);
        var whole = File.ReadAllBytes(_file.Path);
        for (var i = 0; i < whole.Length; i++)
        {
            File.WriteAllBytes(_file.Path, whole[..i]);
            Assert.Throws<DirectException>(() => _file.OpenOrCreate("Ann", passphrase));
        }

        File.WriteAllBytes(_file.Path, [.. whole, 0]);
        Assert.Throws<DirectException>(() => _file.OpenOrCreate("Ann", passphrase));

        // Header and protection: any change is refused. The cost fields are left out: a higher cost only takes longer.
        for (var i = 0; i < whole.Length; i++)
        {
            if (isSealed && i is >= 42 and < 50)
                continue;
            var changed = whole.ToArray();
            changed[i] ^= 0x40;
            File.WriteAllBytes(_file.Path, changed);
            Assert.Throws<DirectException>(() => _file.OpenOrCreate("Ann", passphrase));
        }
    }
}
