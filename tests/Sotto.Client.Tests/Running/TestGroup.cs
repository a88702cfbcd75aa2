using Sotto.Client.Conversations;
using Sotto.Mls;
using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Proposals;
using Sotto.Mls.Trees;
using Sotto.Wire;

namespace Sotto.Client.Tests.Running;

/// <summary>A conversation's group with real MLS, whose members can try commits against the policy.</summary>
internal sealed class TestGroup
{
    private readonly Dictionary<TestDevice, MlsGroup> _groups = [];
    private readonly ConversationPolicy _policy = new(TestPerson.Crypto, new(TestPerson.Crypto));

    private TestGroup(ConversationContext context) => Context = context;

    public ConversationContext Context { get; }

    /// <summary>A group of epoch 0 with its creator alone.</summary>
    public static TestGroup Create(ConversationKind kind, TestDevice creator, params RoleEntry[] roles)
    {
        var context = new ConversationContext
        {
            Kind = kind,
            Id = kind == ConversationKind.Pair ? ConversationContext.PairId(roles[0].Account, roles[1].Account) : Fresh.Sixteen(TestPerson.Crypto),
            Relay = Fresh.Sixteen(TestPerson.Crypto),
            Channel = Fresh.Sixteen(TestPerson.Crypto),
            MailboxKey = Fresh.ThirtyTwo(TestPerson.Crypto),
            Roles = roles,
        };
        var group = new TestGroup(context);
        using var created = creator.Client.CreateGroup(new(
            ClientState.Suite, new GroupId(Fresh.Bytes(TestPerson.Crypto, 16)), creator.Key, creator.Credential, Lifetime.From(TestDevice.Now, TimeSpan.FromDays(30)))
        {
            Extensions = new ExtensionList([ConversationExtensions.Required, context.ToExtension()]),
            LeafExtensions = new ExtensionList([creator.LeafExtension]),
        });
        created.Merge();
        group._groups[creator] = created.Group;
        return group;
    }

    /// <summary>A group in which the first device is the owner and the others are members.</summary>
    public static TestGroup Of(params TestDevice[] members)
    {
        var group = Create(ConversationKind.Group, members[0], new RoleEntry(members[0].Account, ConversationRole.Owner));
        group.Join(members[0], members[1..]);
        return group;
    }

    public MlsGroup this[TestDevice device] => _groups[device];

    public LeafIndex PlaceOf(TestDevice device) => _groups[device].OwnIndex;

    /// <summary>Adds devices for real.</summary>
    public void Join(TestDevice by, params TestDevice[] added)
    {
        if (added.Length == 0)
            return;
        var keys = added.ToDictionary(device => device, device => device.NewKeyPackage());
        using var commit = Prepare(by, [.. keys.Values.Select(key => Add(by, key))]);
        Take(by, commit);
        foreach (var (device, own) in keys)
        {
            using var joined = device.Client.Join(commit.Welcome!, own);
            joined.Merge();
            _groups[device] = joined.Group;
        }
    }

    /// <summary>Commits for real.</summary>
    public void Commit(TestDevice by, params Proposal[] proposals)
    {
        using var commit = Prepare(by, proposals);
        Take(by, commit);
    }

    /// <summary>Whether the policy lets a commit of these proposals be.</summary>
    public bool Allows(TestDevice by, params Proposal[] proposals) => Allows(by, new CommitParameters { Proposals = proposals });

    public bool Allows(TestDevice by, CommitParameters parameters)
    {
        using var commit = Prepare(by, parameters);
        return _policy.Allows(commit.View);
    }

    public bool Allows(TestDevice by, SentProposal proposal) => _policy.Allows(_groups[by], proposal);

    public static AddProposal Add(TestDevice by, KeyPackageKeys keys) => new(by.Client.Verify(keys.KeyPackage, TestDevice.Now));

    /// <summary>Another group context, with everything else as it is.</summary>
    public static GroupContextExtensionsProposal Change(ConversationContext context, params Extension[] more) =>
        new(new ExtensionList([ConversationExtensions.Required, context.ToExtension(), .. more]));

    /// <summary>The parameters as honest members make them.</summary>
    public CommitParameters With(TestDevice by, CommitParameters parameters) => parameters with
    {
        AuthenticatedData = parameters.AuthenticatedData.IsEmpty
            ? MailboxChanges.Of(TestPerson.Crypto, Context.MailboxKey, _groups[by], parameters.Proposals).AuthenticatedData()
            : parameters.AuthenticatedData,
        Leaf = parameters.Leaf == LeafChange.None
            ? new LeafChange { Extensions = new ExtensionList([new LeafInfo(MailboxOf(by), by.Owner.List, null).ToExtension()]) }
            : parameters.Leaf,
    };

    public Bytes16 MailboxOf(TestDevice device) => LeafInfo.MailboxOf(TestPerson.Crypto, Context.MailboxKey, _groups[device].OwnLeaf);

    private PreparedCommit Prepare(TestDevice by, Proposal[] proposals) => Prepare(by, new CommitParameters { Proposals = proposals });

    private PreparedCommit Prepare(TestDevice by, CommitParameters parameters) => _groups[by].PrepareCommit(With(by, parameters), TestDevice.Now);

    private void Take(TestDevice by, PreparedCommit commit)
    {
        commit.Merge();
        foreach (var (device, group) in _groups)
        {
            using var received = group.Receive(MlsMessage.Decode(commit.Message.Encoded.Span));
            received.Merge();
        }
    }
}
