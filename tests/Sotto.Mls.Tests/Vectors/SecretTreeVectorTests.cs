using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Ratchets;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Tests.Vectors;

public sealed class SecretTreeVectorTests
{
    [Theory]
    [InlineData(MlsVectors.Official, 21)]
    [InlineData(MlsVectors.TsMls, 3)]
    [InlineData(MlsVectors.Default, 3)]
    public void The_secret_tree_gives_the_published_keys(string origin, int cases) => MlsVectors.RunAll(origin, "test-vectors/secret-tree", cases, (vector, suite) =>
    {
        var crypto = TestSuites.Crypto(suite);
        var senderData = vector.GetProperty("sender_data");
        var key = new byte[crypto.KeyLength];
        var nonce = new byte[crypto.NonceLength];
        using var source = crypto.Open(senderData.Hex("sender_data_secret"));
        SenderData.DeriveKey(crypto, source, senderData.Hex("ciphertext"), key, nonce);
        Assert.Equal(senderData.Hex("key"), key);
        Assert.Equal(senderData.Hex("nonce"), nonce);

        var leaves = vector.GetProperty("leaves");
        using var tree = new SecretTree(crypto, leaves.GetArrayLength(), Secret.CopyOf(vector.Hex("encryption_secret")));
        uint index = 0;
        foreach (var leaf in leaves.EnumerateArray())
        {
            foreach (var generation in leaf.EnumerateArray())
            {
                var number = generation.GetProperty("generation").GetUInt32();
                Check(tree, new LeafIndex(index), ContentType.Commit, number, generation.Hex("handshake_key"), generation.Hex("handshake_nonce"));
                Check(tree, new LeafIndex(index), ContentType.Application, number, generation.Hex("application_key"), generation.Hex("application_nonce"));
            }

            index++;
        }
    });

    [Theory]
    [InlineData(MlsVectors.Official, 7)]
    [InlineData(MlsVectors.TsMls, 1)]
    [InlineData(MlsVectors.Default, 1)]
    public void Messages_are_protected_and_unprotected_as_published(string origin, int cases) => MlsVectors.RunAll(origin, "test-vectors/message-protection", cases, (vector, suite) =>
    {
        var protection = new Protection(vector, suite);
        var proposal = new TlsReader(vector.Hex("proposal"));
        protection.CheckBoth(new ProposalBody(Proposal.Read(ref proposal)), vector.Hex("proposal_pub"), vector.Hex("proposal_priv"), vector.Hex("proposal"));
        var commit = new TlsReader(vector.Hex("commit"));
        protection.CheckBoth(new CommitBody(Commit.Read(ref commit)), vector.Hex("commit_pub"), vector.Hex("commit_priv"), vector.Hex("commit"));

        var application = new ApplicationBody(vector.Hex("application"));
        var plain = TlsWriter.Encode(writer => writer.WriteVector(vector.Hex("application")));
        protection.CheckPrivate(application, vector.Hex("application_priv"), plain);
        Assert.Throws<ArgumentException>(() => protection.ProtectPublic(application));
    });

    private static void Check(SecretTree tree, LeafIndex leaf, ContentType type, uint generation, byte[] key, byte[] nonce)
    {
        var step = tree.At(leaf, type, generation, MlsLimits.Default);
        Assert.Equal(key, step.Key.Key.ToArray());
        Assert.Equal(nonce, step.Key.Nonce.ToArray());
        tree.Take(step);
    }

    /// <summary>The member at leaf 1 of the vector's group of two.</summary>
    private sealed class Protection
    {
        private static readonly LeafIndex Leaf = new(1);

        private readonly System.Text.Json.JsonElement _vector;
        private readonly SuiteCrypto _crypto;
        private readonly GroupContext _context;
        private readonly SigningKey _key;

        public Protection(System.Text.Json.JsonElement vector, CipherSuite suite)
        {
            _vector = vector;
            _crypto = TestSuites.Crypto(suite);
            _key = _crypto.Signatures.OpenPublished(vector.Hex("signature_priv"));
            _context = new GroupContext(
                suite.Id, new GroupId(vector.Hex("group_id")), new Epoch(vector.GetProperty("epoch").GetUInt64()), vector.Hex("tree_hash"),
                vector.Hex("confirmed_transcript_hash"), Mls.Extensions.ExtensionList.Empty);
        }

        public void CheckBoth(ContentBody body, byte[] published, byte[] encrypted, byte[] expected)
        {
            Assert.Equal(expected, Unprotect(MlsMessage.Decode(published).PublicMessage!));
            Assert.Equal(expected, Unprotect(ProtectPublic(body)));
            CheckPrivate(body, encrypted, expected);
        }

        public void CheckPrivate(ContentBody body, byte[] encrypted, byte[] expected)
        {
            Assert.Equal(expected, Unprotect(MlsMessage.Decode(encrypted).PrivateMessage!));
            using var tree = SecretTree();
            var step = tree.Next(Leaf, body.Type, MlsLimits.Default);
            using var source = _crypto.Open(_vector.Hex("sender_data_secret"));
            var message = PrivateMessage.Protect(_crypto, Signed(WireFormat.PrivateMessage, body), step.Key, source, length => 17);
            Assert.Equal(expected, Unprotect(message));
        }

        public PublicMessage ProtectPublic(ContentBody body) =>
            PublicMessage.Protect(_crypto, Signed(WireFormat.PublicMessage, body), _context, _vector.Hex("membership_key"));

        private AuthenticatedContent Signed(WireFormat format, ContentBody body)
        {
            var content = new FramedContent(_context.GroupId, _context.Epoch, Sender.Member(Leaf), "beside"u8.ToArray(), body);
            var signed = AuthenticatedContent.Sign(format, content, _key, _context);
            return body is CommitBody ? signed with { ConfirmationTag = new byte[_crypto.HashLength] } : signed;
        }

        private byte[] Unprotect(PublicMessage message)
        {
            var content = message.Unprotect(_crypto, _context, _vector.Hex("membership_key"));
            return Verified(content);
        }

        private byte[] Unprotect(PrivateMessage message)
        {
            using var tree = SecretTree();
            using var source = _crypto.Open(_vector.Hex("sender_data_secret"));
            var senderData = message.OpenSenderData(_crypto, source);
            Assert.Equal(Leaf, senderData.Leaf);
            var step = tree.At(Leaf, message.ContentType, senderData.Generation, MlsLimits.Default);
            return Verified(message.Open(_crypto, step.Key, senderData));
        }

        private byte[] Verified(AuthenticatedContent content)
        {
            var verified = VerifiedContent.Verify(_crypto, content, _vector.Hex("signature_pub"), _context);
            return TlsWriter.Encode(verified.Content.Body.Write);
        }

        private SecretTree SecretTree() => new(_crypto, 2, Secret.CopyOf(_vector.Hex("encryption_secret")));
    }
}
