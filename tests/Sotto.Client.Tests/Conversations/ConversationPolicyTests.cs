using Sotto.Client.Conversations;
using Sotto.Client.Tests.Running;
using Sotto.Mls;
using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;
using Sotto.Wire;

namespace Sotto.Client.Tests.Conversations;

/// <summary>Each rule of docs/protocol/conversations.md, with a commit of real MLS that breaks it alone, beside one that keeps it.</summary>
public sealed class ConversationPolicyTests
{
    private readonly TestDevice _alice = TestDevice.Create("Alice");
    private readonly TestDevice _bob = TestDevice.Create("Bob");
    private readonly TestDevice _charlie = TestDevice.Create("Charlie");

    [Fact]
    public void New_own_keys_are_allowed_to_everybody()
    {
        var group = TestGroup.Of(_alice, _bob);

        Assert.True(group.Allows(_alice, new CommitParameters { ForcePath = true }));
        Assert.True(group.Allows(_bob, new CommitParameters { ForcePath = true }));
    }

    [Fact]
    public void Authenticated_data_that_does_not_say_what_happens_to_mailboxes_is_void()
    {
        var group = TestGroup.Of(_alice, _bob);
        var parameters = group.With(_alice, new CommitParameters { ForcePath = true });
        var wrong = parameters.AuthenticatedData.ToArray();
        wrong[0] ^= 1;

        Assert.False(group.Allows(_alice, parameters with { AuthenticatedData = wrong }));
    }

    [Fact]
    public void A_leaf_keeps_its_mailbox()
    {
        var group = TestGroup.Of(_alice, _bob);

        Assert.True(group.Allows(_bob, WithLeaf(new LeafInfo(group.MailboxOf(_bob), _bob.Owner.List, null).ToExtension())));
        Assert.False(group.Allows(_bob, WithLeaf(new LeafInfo(Fresh.Sixteen(TestPerson.Crypto), _bob.Owner.List, null).ToExtension())));
        Assert.False(group.Allows(_bob, WithLeaf(new LeafInfo(group.MailboxOf(_alice), _bob.Owner.List, null).ToExtension())));
    }

    [Fact]
    public void A_leaf_without_its_extension_is_void()
    {
        var group = TestGroup.Of(_alice, _bob);

        Assert.True(group.Allows(_alice, TestGroup.Add(_alice, _charlie.NewKeyPackage())));
        Assert.False(group.Allows(_alice, TestGroup.Add(_alice, _charlie.NewBareKeyPackage())));
    }

    [Theory]
    [InlineData("kind")]
    [InlineData("id")]
    [InlineData("relay")]
    [InlineData("channel")]
    [InlineData("mailbox key")]
    public void What_never_changes_does_not_change(string what)
    {
        var group = TestGroup.Of(_alice, _bob);
        var context = group.Context;
        var changed = what switch
        {
            "kind" => context with { Kind = ConversationKind.Self },
            "id" => context with { Id = Fresh.Sixteen(TestPerson.Crypto) },
            "relay" => context with { Relay = Fresh.Sixteen(TestPerson.Crypto) },
            "channel" => context with { Channel = Fresh.Sixteen(TestPerson.Crypto) },
            _ => context with { MailboxKey = Fresh.ThirtyTwo(TestPerson.Crypto) },
        };

        Assert.True(group.Allows(_alice, TestGroup.Change(context with { PolicyVersion = 2 })));
        Assert.False(group.Allows(_alice, TestGroup.Change(changed)));
    }

    [Fact]
    public void The_group_context_has_no_other_extension_and_keeps_what_is_required()
    {
        var group = TestGroup.Of(_alice, _bob);

        Assert.False(group.Allows(_alice, TestGroup.Change(group.Context, new Extension(TestDevice.Foreign, default))));
        Assert.False(group.Allows(_alice, new GroupContextExtensionsProposal(new ExtensionList([group.Context.ToExtension()]))));
    }

    [Fact]
    public void Only_owners_and_admins_add_other_accounts()
    {
        var group = TestGroup.Of(_alice, _bob);
        Assert.False(group.Allows(_bob, TestGroup.Add(_bob, _charlie.NewKeyPackage())));

        group.Commit(_alice, TestGroup.Change(group.Context with { Roles = [.. group.Context.Roles, new(_bob.Account, ConversationRole.Admin)] }));

        Assert.True(group.Allows(_bob, TestGroup.Add(_bob, _charlie.NewKeyPackage())));
    }

    [Fact]
    public void Anybody_adds_and_removes_leaves_of_the_own_account()
    {
        var second = _bob.Another();
        var group = TestGroup.Of(_alice, _bob);
        Assert.True(group.Allows(_bob, TestGroup.Add(_bob, second.NewKeyPackage())));

        group.Join(_bob, second);

        Assert.True(group.Allows(_bob, new RemoveProposal(group.PlaceOf(second))));
    }

    [Fact]
    public void Members_remove_nobody_and_admins_no_owner()
    {
        var group = TestGroup.Of(_alice, _bob, _charlie);
        Assert.False(group.Allows(_bob, new RemoveProposal(group.PlaceOf(_charlie))));
        Assert.True(group.Allows(_alice, new RemoveProposal(group.PlaceOf(_charlie))));

        group.Commit(_alice, TestGroup.Change(group.Context with { Roles = [.. group.Context.Roles, new(_bob.Account, ConversationRole.Admin)] }));

        Assert.True(group.Allows(_bob, new RemoveProposal(group.PlaceOf(_charlie))));
        Assert.False(group.Allows(_bob, new RemoveProposal(group.PlaceOf(_alice))));
    }

    [Fact]
    public void An_owner_remains_and_only_owners_make_owners()
    {
        var group = TestGroup.Of(_alice, _bob, _charlie);
        var context = group.Context with { Roles = [.. group.Context.Roles, new(_bob.Account, ConversationRole.Admin)] };
        Assert.False(group.Allows(_bob, TestGroup.Change(context)));
        Assert.False(group.Allows(_alice, TestGroup.Change(group.Context with { Roles = [new(_alice.Account, ConversationRole.Admin)] })));
        Assert.True(group.Allows(_alice, TestGroup.Change(group.Context with { Roles = [new(_bob.Account, ConversationRole.Owner)] })));

        group.Commit(_alice, TestGroup.Change(context));

        Assert.True(group.Allows(_bob, TestGroup.Change(context with { Roles = [.. context.Roles, new(_charlie.Account, ConversationRole.Admin)] })));
        Assert.False(group.Allows(_bob, TestGroup.Change(context with { Roles = [.. context.Roles, new(_charlie.Account, ConversationRole.Owner)] })));
    }

    [Fact]
    public void A_chat_of_two_takes_no_third_account_and_its_roles_stay()
    {
        var group = Pair();
        group.Join(_alice, _bob);

        Assert.False(group.Allows(_alice, TestGroup.Add(_alice, _charlie.NewKeyPackage())));
        Assert.True(group.Allows(_alice, TestGroup.Add(_alice, _alice.Another().NewKeyPackage())));
        Assert.False(group.Allows(_alice, TestGroup.Change(group.Context with { PolicyVersion = 2 })));
        Assert.False(group.Allows(_alice, new RemoveProposal(group.PlaceOf(_bob))));
    }

    [Fact]
    public void An_external_PSK_begins_a_chat_of_two_and_stands_nowhere_else()
    {
        Bytes32[] invites = [Fresh.ThirtyTwo(TestPerson.Crypto), Fresh.ThirtyTwo(TestPerson.Crypto)];
        foreach (var invite in invites)
            _alice.Psks.Add(invite, invite);
        PreSharedKeyProposal[] psks = [.. invites.Select(invite => new PreSharedKeyProposal(new ExternalPskId(invite.ToArray())))];
        var (pair, group) = (Pair(), TestGroup.Create(ConversationKind.Group, _alice, new RoleEntry(_alice.Account, ConversationRole.Owner)));

        Assert.True(pair.Allows(_alice, TestGroup.Add(_alice, _bob.NewKeyPackage()), psks[0]));
        Assert.False(pair.Allows(_alice, TestGroup.Add(_alice, _bob.NewKeyPackage()), psks[0], psks[1]));
        Assert.False(group.Allows(_alice, TestGroup.Add(_alice, _bob.NewKeyPackage()), psks[0]));
        pair.Join(_alice, _bob);
        Assert.False(pair.Allows(_alice, psks[0]));
    }

    [Fact]
    public void Only_owners_end_a_group_for_another()
    {
        var group = TestGroup.Of(_alice, _bob);
        var reInit = new ReInitProposal(new GroupId(Fresh.Bytes(TestPerson.Crypto, 16)), ProtocolVersion.Mls10, ClientState.Suite.Id, ExtensionList.Empty);

        Assert.True(group.Allows(_alice, reInit));
        Assert.False(group.Allows(_bob, reInit));
    }

    [Fact]
    public void A_reason_changes_nothing_and_is_allowed()
    {
        var group = TestGroup.Of(_alice, _bob);

        Assert.True(group.Allows(_bob, new CommitParameters { Proposals = [new CustomProposal(ConversationExtensions.Reason, "silent"u8.ToArray())], ForcePath = true }));
    }

    [Fact]
    public void By_reference_a_member_only_leaves()
    {
        var group = TestGroup.Of(_alice, _bob);
        var bob = new Sender(SenderType.Member, group.PlaceOf(_bob).Value);

        Assert.True(group.Allows(_alice, new SentProposal(new RemoveProposal(group.PlaceOf(_bob)), bob, ByReference: true)));
        Assert.False(group.Allows(_alice, new SentProposal(new RemoveProposal(group.PlaceOf(_alice)), bob, ByReference: true)));
        Assert.False(group.Allows(_alice, new SentProposal(TestGroup.Add(_bob, _bob.Another().NewKeyPackage()), bob, ByReference: true)));
    }

    [Fact]
    public void Anybody_repairs_a_device_that_asked_for_it_and_no_other()
    {
        var group = TestGroup.Of(_alice, _bob, _charlie);
        var own = group[_bob].GroupId.Bytes;
        var remove = new RemoveProposal(group.PlaceOf(_charlie));

        Assert.True(group.Allows(_bob, remove, TestGroup.Add(_bob, _charlie.NewKeyPackage(new RepairMark(own, 1).ToExtension()))));
        Assert.False(group.Allows(_bob, remove, TestGroup.Add(_bob, _charlie.NewKeyPackage())));
        Assert.False(group.Allows(_bob, remove, TestGroup.Add(_bob, _charlie.NewKeyPackage(new RepairMark(own, 0).ToExtension()))));
        Assert.False(group.Allows(_bob, remove, TestGroup.Add(_bob, _charlie.NewKeyPackage(new RepairMark("another"u8.ToArray(), 1).ToExtension()))));
        Assert.False(group.Allows(_bob, remove, TestGroup.Add(_bob, _charlie.Another().NewKeyPackage(new RepairMark(own, 1).ToExtension()))));
    }

    [Fact]
    public void An_account_that_was_taken_back_comes_in_place_of_all_its_old_leaves()
    {
        var second = _charlie.Another();
        var group = TestGroup.Of(_alice, _bob, _charlie);
        group.Join(_charlie, second);
        RemoveProposal[] old = [new(group.PlaceOf(_charlie)), new(group.PlaceOf(second))];

        Assert.True(group.Allows(_bob, [.. old, TestGroup.Add(_bob, _charlie.Recovered().NewKeyPackage())]));
        Assert.False(group.Allows(_bob, old[0], TestGroup.Add(_bob, _charlie.Recovered().NewKeyPackage())));
        Assert.False(group.Allows(_bob, [.. old, TestGroup.Add(_bob, _charlie.Another().NewKeyPackage())]));
    }

    [Fact]
    public void Leaves_of_one_account_name_one_account_key()
    {
        var group = TestGroup.Of(_alice, _bob);

        Assert.False(group.Allows(_bob, TestGroup.Add(_bob, _bob.Recovered().NewKeyPackage())));
    }

    private TestGroup Pair() => TestGroup.Create(
        ConversationKind.Pair, _alice, new RoleEntry(_alice.Account, ConversationRole.Owner), new RoleEntry(_bob.Account, ConversationRole.Owner));

    private static CommitParameters WithLeaf(Extension leaf) => new() { ForcePath = true, Leaf = new LeafChange { Extensions = new ExtensionList([leaf]) } };
}
