using System.Text.Json;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Tests.Vectors;

public sealed class TreeVectorTests
{
    [Theory]
    [InlineData(MlsVectors.Official, 5)]
    [InlineData(MlsVectors.TsMls, 5)]
    [InlineData(MlsVectors.Default, 5)]
    public void Proposals_change_the_tree_as_published(string origin, int cases) => MlsVectors.RunAll(origin, "test-vectors/tree-operations", cases, (vector, suite) =>
    {
        var crypto = TestSuites.Crypto(suite);
        var before = RatchetTree.Decode(vector.Hex("tree_before"), MlsLimits.Default);
        Assert.Equal(vector.Hex("tree_hash_before"), before.RootHash(crypto));

        var reader = new TlsReader(vector.Hex("proposal"));
        var editor = before.Edit();
        switch (Proposal.Read(ref reader))
        {
            case AddProposal add:
                editor.Add(add.KeyPackage.LeafNode, MlsLimits.Default);
                editor.FinishAdding();
                break;
            case UpdateProposal update:
                editor.Update(new LeafIndex(vector.GetProperty("proposal_sender").GetUInt32()), update.LeafNode);
                break;
            case RemoveProposal remove:
                editor.Remove(remove.Removed);
                editor.Truncate();
                break;
            default:
                Assert.Fail("The vector has another proposal.");
                break;
        }

        var after = editor.Finish();
        Assert.Equal(vector.Hex("tree_after"), after.Encode());
        Assert.Equal(vector.Hex("tree_hash_after"), after.RootHash(crypto));
    });

    [Theory]
    [InlineData(MlsVectors.Official, 98)]
    [InlineData(MlsVectors.TsMls, 7)]
    [InlineData(MlsVectors.Default, 7)]
    public void Published_trees_are_valid(string origin, int cases) => MlsVectors.RunAll(origin, "test-vectors/tree-validation", cases, (vector, suite) =>
    {
        var crypto = TestSuites.Crypto(suite);
        var tree = RatchetTree.Decode(vector.Hex("tree"), MlsLimits.Default);
        var group = new GroupId(vector.Hex("group_id"));
        for (var node = 0; node < TreeMath.NodeCount(tree.Width); node++)
        {
            Assert.Equal(vector.GetProperty("resolutions")[node].EnumerateArray().Select(value => value.GetInt32()), tree.Resolution(node));
            Assert.Equal(vector.GetProperty("tree_hashes")[node].Hex(), tree.TreeHash(crypto, node));
        }

        TreeValidator.Validate(crypto, tree);
        Assert.All(tree.Leaves(), leaf => Assert.True(leaf.Leaf.IsSigned(crypto, group, leaf.Index)));
        Assert.Equal(vector.Hex("tree"), tree.Encode());
    });

    [Theory]
    [InlineData(MlsVectors.Official, 77)]
    [InlineData(MlsVectors.TsMls, 7)]
    [InlineData(MlsVectors.Default, 7)]
    public void Paths_are_followed_and_made_as_published(string origin, int cases) => MlsVectors.RunAll(origin, "test-vectors/treekem", cases, (vector, suite) =>
    {
        var scene = new TreeKemScene(vector, suite);
        foreach (var update in vector.GetProperty("update_paths").EnumerateArray())
            scene.Check(update);
    });

    /// <summary>A tree whose members' private keys are all known.</summary>
    private sealed class TreeKemScene
    {
        private static readonly HashSet<int> NoneAdded = [];

        private readonly JsonElement _vector;
        private readonly SuiteCrypto _crypto;
        private readonly RatchetTree _tree;
        private readonly GroupContext _context;
        private readonly Dictionary<uint, TreePrivateKeys> _members = [];
        private readonly Dictionary<uint, byte[]> _signatureKeys = [];

        public TreeKemScene(JsonElement vector, CipherSuite suite)
        {
            _vector = vector;
            _crypto = TestSuites.Crypto(suite);
            _tree = RatchetTree.Decode(vector.Hex("ratchet_tree"), MlsLimits.Default);
            _context = new GroupContext(
                suite.Id, new GroupId(vector.Hex("group_id")), new Epoch(vector.GetProperty("epoch").GetUInt64()), _tree.RootHash(_crypto),
                vector.Hex("confirmed_transcript_hash"), Mls.Extensions.ExtensionList.Empty);
            foreach (var leaf in vector.GetProperty("leaves_private").EnumerateArray())
            {
                var index = leaf.GetProperty("index").GetUInt32();
                _members[index] = PrivateKeys(leaf, new LeafIndex(index));
                _signatureKeys[index] = leaf.Hex("signature_priv");
                Assert.True(_members[index].Fit(_crypto, _tree));
            }
        }

        public void Check(JsonElement update)
        {
            var sender = new LeafIndex(update.GetProperty("sender").GetUInt32());
            var reader = new TlsReader(update.Hex("update_path"));
            var path = UpdatePath.Read(ref reader);
            reader.End();

            var tree = Merge(path, sender);
            Assert.Equal(update.Hex("tree_hash_after"), tree.RootHash(_crypto));
            foreach (var (member, keys) in _members.Where(member => member.Key != sender.Value))
            {
                using var followed = Follow(tree, path, sender, new LeafIndex(member), keys);
                Assert.Equal(update.GetProperty("path_secrets")[(int)member].Hex(), followed.Secrets[0].Bytes.ToArray());
                Assert.Equal(update.Hex("commit_secret"), followed.CommitSecret.Bytes.ToArray());
            }

            CheckOwnPath(sender);
        }

        private void CheckOwnPath(LeafIndex sender)
        {
            var editor = _tree.Edit();
            var steps = editor.FilteredDirectPath(sender);
            var (secrets, parentHash) = TreeKem.Refresh(_crypto, editor, sender);
            using var leafKey = _crypto.Hpke.GeneratePrivateKey();
            using var signingKey = _crypto.Signatures.OpenPrivateKey(_signatureKeys[sender.Value]);
            var leaf = LeafNode.Sign(
                _tree.Leaf(sender)!.Content with { EncryptionKey = _crypto.Hpke.PublicKey(leafKey.Bytes), Source = LeafNodeSource.Commit, ParentHash = parentHash },
                signingKey, _context.GroupId, sender);
            editor.SetLeaf(sender, leaf);
            var tree = editor.Finish();
            var path = new UpdatePath(leaf, TreeKem.Encrypt(_crypto, tree, steps, secrets, NoneAdded, With(tree)));

            Assert.Equal(tree.RootHash(_crypto), Merge(path, sender).RootHash(_crypto));
            foreach (var (member, keys) in _members.Where(member => member.Key != sender.Value))
            {
                using var followed = Follow(tree, path, sender, new LeafIndex(member), keys);
                Assert.Equal(secrets.CommitSecret.Bytes.ToArray(), followed.CommitSecret.Bytes.ToArray());
            }
        }

        private RatchetTree Merge(UpdatePath path, LeafIndex sender)
        {
            var editor = _tree.Edit();
            TreeKem.Merge(_crypto, editor, sender, path, editor.FilteredDirectPath(sender), NoneAdded);
            return editor.Finish();
        }

        private PathSecrets Follow(RatchetTree tree, UpdatePath path, LeafIndex sender, LeafIndex member, TreePrivateKeys keys) =>
            TreeKem.Follow(_crypto, tree, path, _tree.FilteredDirectPath(sender), NoneAdded, member, keys, With(tree));

        private GroupContext With(RatchetTree tree) => new(
            _context.CipherSuite, _context.GroupId, _context.Epoch, tree.RootHash(_crypto), _context.ConfirmedTranscriptHash, _context.Extensions);

        private TreePrivateKeys PrivateKeys(JsonElement leaf, LeafIndex index)
        {
            var keys = new List<KeyValuePair<int, NodeKey>>
            {
                new(index.Node, new NodeKey(Secret.CopyOf(leaf.Hex("encryption_priv")), _tree.Leaf(index)!.EncryptionKey)),
            };
            foreach (var secret in leaf.GetProperty("path_secrets").EnumerateArray())
            {
                var node = secret.Int("node");
                using var derived = _crypto.DeriveSecret(secret.Hex("path_secret"), "node"u8);
                keys.Add(new(node, new NodeKey(_crypto.Hpke.DerivePrivateKey(derived.Bytes), _tree[node]!.EncryptionKey)));
            }

            return TreePrivateKeys.Of(keys);
        }
    }
}
