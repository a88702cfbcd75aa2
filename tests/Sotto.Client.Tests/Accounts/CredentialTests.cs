using Sotto.Client.Accounts;
using Sotto.Client.Tests.Running;
using Sotto.Mls;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Records;

namespace Sotto.Client.Tests.Accounts;

public sealed class CredentialTests
{
    private readonly TestDevice _alice = TestDevice.Create("Alice");
    private readonly TestDevice _mallory = TestDevice.Create("Mallory");

    [Fact]
    public void A_leaf_is_the_device_and_account_that_its_credential_proves()
    {
        using var keys = _alice.NewKeyPackage();

        var member = MemberCredential.Verify(TestPerson.Crypto, keys.KeyPackage.LeafNode);

        Assert.Equal((_alice.Account, new Bytes32(_alice.Key.PublicKey), 0), (member!.Account, member.Device, member.Recoveries));
        Assert.Equal(GenesisRecord.AccountIdOf(_alice.Owner.Record.Genesis), _alice.Account.Value);
    }

    [Fact]
    public void A_leaf_with_another_accounts_genesis_is_refused()
    {
        using var keys = _mallory.Impersonate(_alice).NewKeyPackage();

        Assert.Null(MemberCredential.Verify(TestPerson.Crypto, keys.KeyPackage.LeafNode));
        Assert.Equal(MlsRule.AddedCredential, Assert.Throws<MlsException>(() => _alice.Client.Verify(keys.KeyPackage, TestDevice.Now)).Rule);
    }

    [Fact]
    public void An_account_that_was_taken_back_has_the_key_that_the_recovery_key_named()
    {
        using var keys = _alice.Recovered().NewKeyPackage();

        var member = MemberCredential.Verify(TestPerson.Crypto, keys.KeyPackage.LeafNode)!;

        Assert.Equal((_alice.Account, 1), (member.Account, member.Recoveries));
        Assert.NotEqual(RecordSigning.PublicKeyOf(_alice.Owner.AccountKey), member.AccountKey);
    }

    [Fact]
    public void Every_changed_byte_of_a_credential_is_refused()
    {
        using var keys = _alice.NewKeyPackage();
        var leaf = keys.KeyPackage.LeafNode;
        var identity = ((Mls.Credentials.BasicCredential)leaf.Credential).Identity.ToArray();
        for (var at = 0; at < identity.Length; at++)
        {
            var changed = identity.ToArray();
            changed[at] ^= 1;
            Assert.True(
                MemberCredential.Verify(TestPerson.Crypto, changed, leaf.SignatureKey.Span) is null, $"Byte {at} may be another one.");
        }

        Assert.NotNull(MemberCredential.Verify(TestPerson.Crypto, identity, leaf.SignatureKey.Span));
    }

    [Fact]
    public void A_directory_answer_counts_only_for_the_account_that_was_named()
    {
        var answer = new DirectoryAnswer(_alice.Owner.Record.Genesis, _alice.Owner.Record.Lists, [], []);

        Assert.Equal(1UL, VerifiedAccount.Verify(TestPerson.Crypto, _alice.Account, answer).Newest.Number);
        Refused(_mallory.Account, answer);
        Refused(_alice.Account, answer with { Lists = [] });
        Refused(_alice.Account, answer with { Lists = [.. answer.Lists, .. answer.Lists] });
        Refused(_alice.Account, answer with { Lists = _mallory.Owner.Record.Lists });
    }

    [Fact]
    public void A_list_that_somebody_else_signed_is_refused()
    {
        var own = _alice.Owner;
        var body = new DeviceList { Account = own.Id.Value, Number = 2, Predecessor = own.List.Hash, AccountKey = RecordSigning.PublicKeyOf(own.AccountKey), Certificates = [] }.EncodeBody([own.Record.Certificate]);
        var answer = new DirectoryAnswer(own.Record.Genesis, own.Record.Lists, [], []);

        var right = answer with { Lists = [.. answer.Lists, RecordSigning.Sign(own.AccountKey, SignContent.DeviceList, body).Encode()] };
        var wrong = answer with { Lists = [.. answer.Lists, RecordSigning.Sign(_mallory.Owner.AccountKey, SignContent.DeviceList, body).Encode()] };

        Assert.Equal(2UL, VerifiedAccount.Verify(TestPerson.Crypto, own.Id, right).Newest.Number);
        Refused(own.Id, wrong);
    }

    [Fact]
    public void Both_have_the_same_safety_number_and_a_third_account_another_one()
    {
        var third = TestDevice.Create("Charlie");
        var number = SafetyNumber.Of(TestPerson.Crypto, _alice.Account, _mallory.Account);

        Assert.Equal(number, SafetyNumber.Of(TestPerson.Crypto, _mallory.Account, _alice.Account));
        Assert.NotEqual(number, SafetyNumber.Of(TestPerson.Crypto, _alice.Account, third.Account));
        Assert.Matches("^([0-9]{5} ){11}[0-9]{5}$", number);
    }

    [Fact]
    public void A_profile_is_believed_only_when_the_device_signed_it_for_its_account()
    {
        var device = new Bytes32(_alice.Key.PublicKey);
        var signed = new Profile(_alice.Account, device, 7, "Alice").Sign(_alice.Key);

        Assert.Equal(("Alice", 7UL), Profile.Verify(TestPerson.Crypto, signed, _alice.Account, device) is { } profile ? (profile.Name, profile.Number) : default);
        Assert.Null(Profile.Verify(TestPerson.Crypto, signed, _mallory.Account, device));
        Assert.Null(Profile.Verify(TestPerson.Crypto, new Profile(_alice.Account, device, 7, "Alice").Sign(_mallory.Key), _alice.Account, device));
    }

    [Fact]
    public void An_account_shows_160_bits_in_base32()
    {
        var id = new AccountId(new(Convert.FromHexString("00443214c74254b635cf84653a56d7c675be77df" + new string('0', 24))));

        Assert.Equal("abcdefghijklmnopqrstuvwxyz234567", id.ToString());
    }

    private static void Refused(AccountId account, DirectoryAnswer answer) =>
        Assert.Equal(ClientFailure.IdentityRefused, Assert.Throws<ClientException>(() => VerifiedAccount.Verify(TestPerson.Crypto, account, answer)).Failure);
}
