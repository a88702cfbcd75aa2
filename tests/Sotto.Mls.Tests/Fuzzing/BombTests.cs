using Sotto.Fuzz.Targets.Mls;
using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Tests.Fuzzing;

/// <summary>AT-16: what is small on the wire stays small in memory, and what is too large is refused.</summary>
public sealed class BombTests
{
    private const long MostAllocated = 64 * 1024 * 1024;
    private const int ManyProposals = 10_000;

    private readonly MlsScene _scene = MlsScene.Instance;

    public static TheoryData<string> Lists { get; } = ["removals", "references", "PSKs", "extensions", "unknown", "adds"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void A_length_of_a_gibibyte_in_a_short_message_allocates_nothing(byte format) => Bounded(() =>
    {
        for (var place = 4; place < 64; place++)
        {
            byte[] message = [0, 1, 0, format, .. new byte[place - 4], 0xBF, 0xFF, 0xFF, 0xFF];
            Assert.Throws<MlsException>(() => MlsMessage.Decode(message));
        }
    });

    [Theory]
    [MemberData(nameof(Lists))]
    public void A_commit_of_ten_thousand_proposals_is_refused_within_bounds(string kind)
    {
        var add = new AddProposal(_scene.OutsiderKeys.KeyPackage);
        var proposals = Enumerable.Range(0, ManyProposals).Select(i => kind switch
        {
            "removals" => new ProposalOrReference(new RemoveProposal(new((uint)i)), default),
            "references" => new ProposalOrReference(null, BitConverter.GetBytes(i)),
            "PSKs" => new ProposalOrReference(new PreSharedKeyProposal(new ExternalPskId(BitConverter.GetBytes(i), new byte[32])), default),
            "extensions" => new ProposalOrReference(new GroupContextExtensionsProposal(ExtensionList.Empty), default),
            "unknown" => new ProposalOrReference(new CustomProposal((ushort)(0x0b00 + i), default), default),
            _ => new ProposalOrReference(add, default),
        });
        var member = new InsideMember(_scene);
        var commit = member.Private(member.Content(new CommitBody(Commit.Create([.. proposals], null))), null).Encoded;
        Bounded(() => Assert.Throws<MlsException>(() => _scene.Bob.Group.Receive(MlsMessage.Decode(commit.Span))), 3 * commit.Length);
        Assert.Equal(_scene.BobState, GroupState.HashOf(_scene.Bob.Group));
    }

    [Fact]
    public void A_tree_of_more_leaves_than_the_limit_is_refused()
    {
        var encoded = TlsWriter.Encode(writer => writer.WriteVector(new byte[1 << 20]));
        Bounded(() => Assert.Equal(
            MlsRule.TreeSize, Assert.Throws<MlsException>(() => RatchetTree.Decode(encoded, MlsLimits.Default)).Rule));
    }

    [Fact]
    public void The_deepest_tree_with_one_leaf_at_its_end_is_checked_within_bounds()
    {
        var leaf = _scene.Alice.Group.OwnLeaf;
        var nodes = new TreeNode?[TreeMath.NodeCount(MlsLimits.Default.Leaves)];
        nodes[^1] = leaf;
        var encoded = RatchetTree.Of(nodes, new byte[]?[nodes.Length]).Encode();
        Bounded(() =>
        {
            var tree = RatchetTree.Decode(encoded, MlsLimits.Default);
            TreeValidator.Validate(_scene.Crypto, tree);
            Assert.Equal(leaf.Encoded.ToArray(), tree.Leaf(new((uint)tree.Width - 1))!.Encoded.ToArray());
        });
    }

    [Fact]
    public void Parents_that_name_every_leaf_as_unmerged_are_refused()
    {
        var unmerged = Enumerable.Range(0, 50_000).Select(leaf => (uint)leaf).ToArray();
        var nodes = new TreeNode?[63];
        for (var node = 1; node < nodes.Length; node += 2)
            nodes[node] = new ParentNode(new byte[32], default, unmerged);
        nodes[^1] = _scene.Alice.Group.OwnLeaf;
        var encoded = RatchetTree.Of(nodes, new byte[]?[nodes.Length]).Encode();
        Bounded(() => Assert.Throws<MlsException>(
            () => TreeValidator.Validate(_scene.Crypto, RatchetTree.Decode(encoded, MlsLimits.Default))));
    }

    [Theory]
    [InlineData("path nodes")]
    [InlineData("path ciphertexts")]
    [InlineData("certificates")]
    [InlineData("Welcome secrets")]
    public void A_list_of_empty_values_takes_no_more_memory_than_its_bytes(string kind)
    {
        const int Long = 4_000_000;
        var leaf = _scene.Alice.Group.OwnLeaf.Encoded.ToArray();
        var message = kind switch
        {
            "path nodes" => CommitWithPath(writer =>
            {
                writer.WriteFixed(leaf);
                writer.WriteVector(new byte[Long]);
            }),
            "path ciphertexts" => CommitWithPath(writer =>
            {
                writer.WriteFixed(leaf);
                var nodes = writer.BeginVector();
                writer.WriteVector(ReadOnlySpan<byte>.Empty);
                writer.WriteVector(new byte[Long]);
                writer.EndVector(nodes);
            }),
            "certificates" => CommitWithPath(writer =>
            {
                writer.WriteVector(new byte[32]);
                writer.WriteVector(new byte[32]);
                writer.WriteUInt16(2);
                writer.WriteVector(new byte[Long]);
            }),
            _ => TlsWriter.Encode(writer =>
            {
                writer.WriteUInt16(1);
                writer.WriteUInt16((ushort)WireFormat.Welcome);
                writer.WriteUInt16(1);
                writer.WriteVector(new byte[Long]);
                writer.WriteVector(ReadOnlySpan<byte>.Empty);
            }),
        };
        AtMost(2L * message.Length, () => Assert.Throws<MlsException>(() => MlsMessage.Decode(message)));
    }

    [Fact]
    public void A_list_of_the_shortest_ciphertexts_takes_four_times_its_bytes_at_most()
    {
        var shortest = new HpkeCiphertext(new byte[32], new byte[16]);
        var message = TlsWriter.Encode(writer =>
        {
            writer.WriteUInt16(1);
            writer.WriteUInt16((ushort)WireFormat.Welcome);
            writer.WriteUInt16(1);
            writer.WriteList(Enumerable.Range(0, 50_000), (to, _) =>
            {
                to.WriteVector(ReadOnlySpan<byte>.Empty);
                to.WriteHpkeCiphertext(shortest);
            });
            writer.WriteVector(ReadOnlySpan<byte>.Empty);
        });
        AtMost(4L * message.Length, () => Assert.Equal(50_000, MlsMessage.Decode(message).Welcome!.Secrets.Count));
    }

    /// <summary>A PublicMessage with a commit of no proposals and a path that is written by hand.</summary>
    private byte[] CommitWithPath(Action<TlsWriter> path) => TlsWriter.Encode(writer =>
    {
        writer.WriteUInt16(1);
        writer.WriteUInt16((ushort)WireFormat.PublicMessage);
        writer.WriteVector(_scene.Bob.Group.GroupId.Bytes);
        writer.WriteUInt64(_scene.Bob.Group.Epoch.Value);
        new Sender(SenderType.NewMemberCommit, 0).Write(writer);
        writer.WriteVector(ReadOnlySpan<byte>.Empty);
        writer.WriteByte((byte)ContentType.Commit);
        writer.WriteVector(ReadOnlySpan<byte>.Empty);
        writer.WriteByte(1);
        path(writer);
        writer.WriteVector(ReadOnlySpan<byte>.Empty);
        writer.WriteVector(ReadOnlySpan<byte>.Empty);
    });

    /// <summary>Runs it once to warm up and once to measure; a large input may be copied a few times besides.</summary>
    private static void Bounded(Action run, int besides = 0) => AtMost(MostAllocated + besides, run);

    private static void AtMost(long bytes, Action run)
    {
        run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        run();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, bytes);
    }
}
