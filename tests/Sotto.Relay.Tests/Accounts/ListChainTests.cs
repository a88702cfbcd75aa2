using Sotto.Relay.Accounts;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Problems;
using Sotto.Wire.Records;

namespace Sotto.Relay.Tests.Accounts;

/// <summary>The rule that says which device list counts (docs/protocol).</summary>
public sealed class ListChainTests
{
    private readonly AccountKeys _keys = new();
    private readonly SigningKey _phone = new();
    private readonly ListChain _chain;

    public ListChainTests() => _chain = new(GenesisRecord.Decode(_keys.Genesis), [], null);

    [Fact]
    public void Lists_follow_one_another()
    {
        var first = Take(_keys.List(null, _phone));
        var second = Take(_keys.List(first, _phone, new()));

        Assert.Equal(second.Hash, _chain.Head);
        Assert.Equal([second.Hash, first.Hash], _chain.Ancestry().Select(list => list.Hash));
    }

    [Fact]
    public void The_same_list_again_changes_nothing()
    {
        var first = Take(_keys.List(null, _phone));
        Take(_keys.List(first, _phone, new()));
        var head = _chain.Head;

        Assert.False(_chain.TryAppend(Verify(first)));
        Assert.Equal(head, _chain.Head);
    }

    [Fact]
    public void A_second_list_after_the_same_predecessor_is_superseded()
    {
        var first = Take(_keys.List(null, _phone));
        Take(_keys.List(first, _phone, new()));

        Refused(RelayProblem.ListSuperseded, _keys.List(first, _phone));
    }

    [Fact]
    public void Another_first_list_is_superseded()
    {
        Take(_keys.List(null, _phone));
        Refused(RelayProblem.ListSuperseded, _keys.List(null, new SigningKey()));
    }

    [Fact]
    public void Another_account_key_in_an_ordinary_list_is_refused()
    {
        var first = Take(_keys.List(null, _phone));
        var rightful = _keys.Account;
        _keys.Account = new();
        var body = _keys.List(first, _phone).Body.ToArray();

        Refused(RelayProblem.Refused, AccountKeys.Sign(body, rightful));
        Refused(RelayProblem.Refused, AccountKeys.Sign(body, _keys.Account));
    }

    [Fact]
    public void The_recovery_key_may_follow_any_earlier_list_and_name_another_account_key()
    {
        var first = Take(_keys.List(null, _phone));
        var thiefs = Take(_keys.List(first, _phone, new()));
        var stolen = _keys.Account;
        _keys.Account = new();
        var recovered = Take(_keys.RecoveryList(first, 100, new SigningKey()));

        Assert.Equal(recovered.Hash, _chain.Head);
        Assert.DoesNotContain(thiefs.Hash, _chain.Ancestry().Select(list => list.Hash));
        Take(_keys.List(recovered, new SigningKey()));
        _keys.Account = stolen;
        Refused(RelayProblem.ListSuperseded, _keys.List(thiefs, _phone));
    }

    [Fact]
    public void Another_recovery_key_than_genesis_names_is_refused()
    {
        var first = Take(_keys.List(null, _phone));
        var other = new SigningKey();
        var body = new DeviceList
        {
            Account = _keys.Id,
            Number = 2,
            Predecessor = first.Hash,
            AccountKey = _keys.Account.Public,
            Certificates = [],
            Recovery = new(other.Public, 100),
        }.EncodeBody([_keys.Certificate(_phone)]);

        Refused(RelayProblem.Refused, AccountKeys.Sign(body, other));
        Refused(RelayProblem.Refused, AccountKeys.Sign(body, _keys.Recovery));
    }

    [Theory]
    [InlineData(101, true)]
    [InlineData(99, false)]
    public void Of_two_recoveries_that_do_not_descend_the_later_counts(ulong seconds, bool counts)
    {
        var first = Take(_keys.List(null, _phone));
        Take(_keys.RecoveryList(first, 100, new SigningKey()));
        var second = _keys.RecoveryList(first, seconds, new SigningKey());

        if (counts)
            Assert.Equal(Take(second).Hash, _chain.Head);
        else
            Refused(RelayProblem.ListSuperseded, second);
    }

    [Fact]
    public void Of_two_recoveries_of_the_same_second_the_lower_hash_counts_whichever_came_first()
    {
        var first = Take(_keys.List(null, _phone));
        var (a, b) = (_keys.RecoveryList(first, 100, new SigningKey()), _keys.RecoveryList(first, 100, new SigningKey()));
        var (lower, higher) = a.Hash < b.Hash ? (a, b) : (b, a);
        var other = new ListChain(GenesisRecord.Decode(_keys.Genesis), [], null);
        Assert.True(other.TryAppend(Verify(first)));

        Take(higher);
        Take(lower);
        Assert.True(other.TryAppend(Verify(lower)));
        Assert.Throws<RelayException>(() => other.TryAppend(Verify(higher)));
        Assert.Equal(other.Head, _chain.Head);
    }

    [Fact]
    public void A_recovery_after_a_recovery_counts_whatever_its_time()
    {
        var first = Take(_keys.List(null, _phone));
        var recovered = Take(_keys.RecoveryList(first, 100, new SigningKey()));
        Take(_keys.RecoveryList(recovered, 50, new SigningKey()));
    }

    [Fact]
    public void A_certificate_needs_both_signatures_and_stands_there_once()
    {
        var other = new SigningKey();
        Unverified(_keys.Certificate(_phone, signer: other));
        Unverified(_keys.Certificate(_phone), _keys.Certificate(_phone));
        var whole = _keys.Certificate(_phone);
        whole[^1] ^= 1;
        Unverified(whole);
        Unverified();
    }

    private void Unverified(params byte[][] certificates)
    {
        var body = new DeviceList { Account = _keys.Id, Number = 1, Predecessor = default, AccountKey = _keys.Account.Public, Certificates = [] }.EncodeBody(certificates);
        Assert.Throws<RelayException>(() => Verify(AccountKeys.Sign(body, _keys.Account)));
    }

    private VerifiedList Verify(SignedRecord record) => VerifiedList.Verify(TestRelay.Crypto, _keys.Id, record.Encode(), _chain.SignerOf);

    private SignedRecord Take(SignedRecord record)
    {
        Assert.True(_chain.TryAppend(Verify(record)));
        return record;
    }

    private void Refused(RelayProblem problem, SignedRecord record)
    {
        var head = _chain.Head;
        Assert.Equal(problem, Assert.Throws<RelayException>(() => _chain.TryAppend(Verify(record))).Problem);
        Assert.Equal(head, _chain.Head);
    }
}
