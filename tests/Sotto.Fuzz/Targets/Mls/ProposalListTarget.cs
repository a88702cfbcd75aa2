using Sotto.Mls;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Presentation;

namespace Sotto.Fuzz.Targets.Mls;

/// <summary>
/// The proposals of a commit, by value or by reference to some that wait, in a frame that is right. The first byte chooses
/// whether there is a path, whether the frame is public, and whether the rest is the list or numbers of proposals of the
/// scene with patches after a 0. A list of values that a committer would take is taken by whoever receives the commit, and
/// no other gets as far as its confirmation tag.
/// </summary>
internal static class ProposalListTarget
{
    public const byte WithPath = 1;
    public const byte IsPublic = 2;
    public const byte Numbers = 4;

    private static readonly Lazy<ProposalScene> _scene = new(() => new ProposalScene(MlsScene.Instance));

    public static int Proposals => _scene.Value.Encoded.Count;

    public static byte[] Encoded(int number) => _scene.Value.Encoded[number];

    public static void Run(ReadOnlySpan<byte> input)
    {
        var scene = _scene.Value;
        MlsScene.Instance.Restart();
        var reader = new InputReader(input);
        var choice = reader.Byte();
        var list = (choice & Numbers) == 0 ? reader.Rest.ToArray() : Listed(scene, ref reader);
        try
        {
            var commit = Read(list, (choice & WithPath) != 0 ? scene.Path : []);
            Reencoding.Require(commit);
            var refused = Refusal(scene, commit, (choice & IsPublic) != 0);
            FindingException.ThrowUnless(GroupState.HashOf(scene.Bob.Group) == scene.BobState, "a refused commit changed the group");
            if (commit.Proposals.All(proposal => proposal.Proposal is not null))
                CompareWithCommitter(scene, commit, refused);
        }
        catch (MlsException)
        {
            // Not a list of proposals.
        }
    }

    private static byte[] Listed(ProposalScene scene, ref InputReader reader)
    {
        var list = new List<byte>();
        while (reader.Byte() is not 0 and var number)
            list.AddRange(scene.Encoded[(number - 1) % scene.Encoded.Count]);
        return Patches.Apply(list.ToArray(), ref reader);
    }

    private static Commit Read(byte[] list, byte[] path)
    {
        var reader = new TlsReader(TlsWriter.Encode(writer =>
        {
            writer.WriteVector(list);
            writer.WriteByte(path.Length == 0 ? (byte)0 : (byte)1);
            writer.WriteFixed(path);
        }));
        var commit = Commit.Read(ref reader);
        reader.End();
        return commit;
    }

    private static MlsRule Refusal(ProposalScene scene, Commit commit, bool isPublic)
    {
        var content = scene.Alice.Content(new CommitBody(commit));
        var message = isPublic ? scene.Alice.Public(content, null) : scene.Alice.Private(content, null);
        try
        {
            using var received = scene.Bob.Group.Receive(MlsMessage.Decode(message.Encoded.Span));
            FindingException.ThrowUnless(
                received is ReceivedCommit { RemovesOwn: true }, "a commit without its confirmation tag was taken");
            return MlsRule.ConfirmationTag;
        }
        catch (MlsException refused)
        {
            return refused.Rule;
        }
    }

    /// <summary>Rules of paths and tags are about the commit that the target made around the list, the others about the list.</summary>
    private static void CompareWithCommitter(ProposalScene scene, Commit commit, MlsRule refused)
    {
        var parameters = new CommitParameters { Proposals = [.. commit.Proposals.Select(proposal => proposal.Proposal!)], IncludeWaiting = false };
        try
        {
            using var made = scene.Committer.Group.PrepareCommit(parameters, Participant.Now);
            FindingException.ThrowUnless(
                refused is MlsRule.ConfirmationTag or MlsRule.PathRequired || commit.Path is not null, $"a receiver refuses what a committer makes: {refused}");
        }
        catch (MlsException own)
        {
            FindingException.ThrowUnless(
                refused is not MlsRule.ConfirmationTag || own.Rule is MlsRule.LifetimeNow or MlsRule.CommitterNotRemoved,
                $"a receiver takes what a committer refuses: {own.Rule}");
        }
    }
}
