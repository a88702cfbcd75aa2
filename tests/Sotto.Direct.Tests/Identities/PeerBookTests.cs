using Sotto.Crypto.Native;
using Sotto.Direct.Identities;

namespace Sotto.Direct.Tests.Identities;

public sealed class PeerBookTests : IDisposable
{
    private readonly NativeCryptoProvider _crypto = new();
    private readonly PeerBook _book;
    private readonly Identity _bob;
    private readonly Identity _other;

    public PeerBookTests()
    {
        _book = new(_crypto, Path.Combine(Directory.CreateTempSubdirectory("sotto-test-").FullName, "peers.json"));
        _bob = Identity.Generate(_crypto, "Bob");
        _other = Identity.Generate(_crypto, "bob");
    }

    public void Dispose()
    {
        _bob.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void A_remembered_key_is_found_again_and_verified_never_falls()
    {
        _book.Remember(_bob.Public, verified: true, "10.0.0.7:7787");
        _book.Remember(_bob.Public, verified: false, null);
        var found = _book.Find(_bob.Public)!;
        Assert.True(found.Verified);
        Assert.Equal(["10.0.0.7:7787"], found.Addresses);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_book.Path));
    }

    [Fact]
    public void Another_key_under_the_name_is_refused_whatever_the_case_of_its_letters()
    {
        _book.Remember(_bob.Public, verified: true, null);
        var refusal = Assert.Throws<DirectException>(() => _book.Check(_other.Public, null));
        Assert.Equal(DirectFailure.KeyChanged, refusal.Failure);
        Assert.Contains(_other.Public.Fingerprint.ToString(), refusal.Message, StringComparison.Ordinal);
        _book.Check(_bob.Public, null);

        Assert.True(_book.Forget("BOB"));
        _book.Check(_other.Public, null);
        Assert.False(_book.Forget("Bob"));
    }

    [Fact]
    public void A_stranger_s_claim_to_a_name_does_not_stand_against_an_invite()
    {
        _book.Remember(_other.Public, verified: false, null);
        Assert.Throws<DirectException>(() => _book.Check(_bob.Public, null));
        _book.Check(_bob.Public, null, byInvite: true);
        _book.Remember(_bob.Public, verified: true, null);
        Assert.Equal([true], _book.List().Select(peer => peer.Verified));
        Assert.Throws<DirectException>(() => _book.Check(_other.Public, null, byInvite: true));
    }

    [Fact]
    public void Another_key_at_a_remembered_address_is_refused_and_an_address_has_one_owner()
    {
        using var carol = Identity.Generate(_crypto, "Carol");
        _book.Remember(_bob.Public, verified: true, "10.0.0.7:7787");
        Assert.Throws<DirectException>(() => _book.Check(carol.Public, "10.0.0.7:7787"));
        _book.Remember(carol.Public, verified: true, "10.0.0.7:7787");
        _book.Check(carol.Public, "10.0.0.7:7787");
        Assert.Empty(_book.Find(_bob.Public)!.Addresses);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"version":2,"peers":[]}""")]
    [InlineData("""{"version":1,"peers":[null]}""")]
    [InlineData("""{"version":1,"peers":[{"name":"a","key":"AAAA","verified":true,"addresses":[]}]}""")]
    public void A_damaged_or_newer_file_is_refused_and_left_alone(string content)
    {
        File.WriteAllText(_book.Path, content);
        Assert.Equal(DirectFailure.IdentityUnusable, Assert.Throws<DirectException>(_book.List).Failure);
        Assert.Throws<DirectException>(() => _book.Remember(_bob.Public, true, null));
        Assert.Equal(content, File.ReadAllText(_book.Path));
    }
}
