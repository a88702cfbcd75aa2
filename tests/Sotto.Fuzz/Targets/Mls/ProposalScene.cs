using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Presentation;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;

namespace Sotto.Fuzz.Targets.Mls;

/// <summary>A member for whom proposals of every kind wait, a committer for whom none do, and proposals to list.</summary>
internal sealed class ProposalScene
{
    public ProposalScene(MlsScene scene)
    {
        scene.Restart();
        Alice = new InsideMember(scene);
        Committer = scene.Alice.Restarted();
        Bob = scene.Bob.Restarted();
        var (charlie, dave) = (scene.Charlie.Restarted(), scene.Dave.Restarted());
        var add = charlie.AddOf(scene.OutsiderKeys);
        var extensions = new GroupContextExtensionsProposal(new ExtensionList([new RequiredCapabilities([], [ProposalTypes.SelfRemove], [1]).ToExtension()]));
        var next = new ReInitProposal(new("next"u8.ToArray()), 1, scene.Crypto.Suite.Id, ExtensionList.Empty);
        Deliver(
        [
            charlie.ProposeUpdate(), charlie.Propose(new RemoveProposal(new(1))), charlie.Propose(new RemoveProposal(dave.Group.OwnIndex), encrypt: false),
            dave.ProposeUpdate(encrypt: false), dave.Propose(new SelfRemoveProposal(), encrypt: false), charlie.Propose(add), dave.Propose(extensions),
            charlie.Propose(MlsScene.KnownPsk), dave.Propose(next),
        ]);

        var update = ((UpdateProposal)((ProposalBody)dave.ProposeUpdate(encrypt: false).PublicMessage!.Content.Content.Body).Proposal).LeafNode;
        Encoded =
        [
            .. Bob.Group.Memory.Queue.Waiting.Select(waiting => Encode(new ProposalOrReference(null, waiting.Reference))),
            .. new Proposal[]
            {
                add, extensions, next, MlsScene.KnownPsk, new RemoveProposal(new(0)), new RemoveProposal(new(1)), new RemoveProposal(new(2)),
                new RemoveProposal(new(3)), new RemoveProposal(new(1u << 31)), new UpdateProposal(update), new SelfRemoveProposal(),
                new ExternalInitProposal(new byte[32]), new CustomProposal(0x0a0a, new byte[3]),
                new PreSharedKeyProposal(new ResumptionPskId(ResumptionUsage.Application, Bob.Group.GroupId, Bob.Group.Epoch, new byte[32])),
                new PreSharedKeyProposal(new ResumptionPskId(ResumptionUsage.ReInit, Bob.Group.GroupId, Bob.Group.Epoch, new byte[32])),
                new GroupContextExtensionsProposal(ExtensionList.Empty),
            }.Select(proposal => Encode(new ProposalOrReference(proposal, default))),
        ];
        var commit = (CommitBody)scene.Alice.Restarted().CommitInVain(new CommitParameters { Encrypt = false, IncludeWaitingPsks = true, IncludeWaitingReInit = true }).Message.PublicMessage!.Content.Content.Body;
        Path = TlsWriter.Encode(commit.Commit.Path!.Write);
        BobState = GroupState.HashOf(Bob.Group);
    }

    public InsideMember Alice { get; }

    /// <summary>Alice with a group of her own to commit in.</summary>
    public Participant Committer { get; }

    public Participant Bob { get; }

    public string BobState { get; }

    /// <summary>ProposalOrRef structures: of those that wait the references, of the others the values.</summary>
    public IReadOnlyList<byte[]> Encoded { get; }

    /// <summary>The path of an empty commit of Alice's.</summary>
    public byte[] Path { get; }

    private void Deliver(IEnumerable<MlsMessage> proposals)
    {
        foreach (var proposal in proposals)
            Bob.Receive(proposal);
    }

    private static byte[] Encode(ProposalOrReference proposal) => TlsWriter.Encode(proposal.Write);
}
