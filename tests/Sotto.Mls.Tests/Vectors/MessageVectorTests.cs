using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Tests.Vectors;

public sealed class MessageVectorTests
{
    private static readonly string[] WholeMessages =
    [
        "mls_welcome", "mls_group_info", "mls_key_package", "public_message_application", "public_message_proposal",
        "public_message_commit", "private_message",
    ];

    private static readonly (string Name, ushort Type)[] Proposals =
    [
        ("add_proposal", ProposalTypes.Add), ("update_proposal", ProposalTypes.Update), ("remove_proposal", ProposalTypes.Remove),
        ("pre_shared_key_proposal", ProposalTypes.PreSharedKey), ("re_init_proposal", ProposalTypes.ReInit),
        ("external_init_proposal", ProposalTypes.ExternalInit), ("group_context_extensions_proposal", ProposalTypes.GroupContextExtensions),
    ];

    [Theory]
    [InlineData(MlsVectors.Official, 300)]
    [InlineData(MlsVectors.TsMls, 1)]
    [InlineData(MlsVectors.Default, 1)]
    public void Every_structure_is_read_and_written_as_published(string origin, int cases) => MlsVectors.RunAll(origin, "test-vectors/messages", cases, (vector, _) =>
    {
        foreach (var name in WholeMessages)
        {
            var message = MlsMessage.Decode(vector.Hex(name));
            Assert.Equal(vector.Hex(name), Framed(message).Encoded.ToArray());
        }

        foreach (var (name, type) in Proposals)
            CheckProposal(vector.Hex(name), type);
        CheckCommit(vector.Hex("commit"));
        Assert.Equal(vector.Hex("ratchet_tree"), RatchetTree.Decode(vector.Hex("ratchet_tree"), MlsLimits.Default).Encode());
        using var secrets = GroupSecrets.Read(vector.Hex("group_secrets"));
        Assert.Equal(vector.Hex("group_secrets"), secrets.Write().ToArray());
    });

    [Theory]
    [InlineData(MlsVectors.Official, 7)]
    [InlineData(MlsVectors.TsMls, 2)]
    [InlineData(MlsVectors.Default, 2)]
    public void A_published_welcome_opens(string origin, int cases) => MlsVectors.RunAll(origin, "test-vectors/welcome", cases, (vector, suite) =>
    {
        var crypto = TestSuites.Crypto(suite);
        var keyPackage = MlsMessage.Decode(vector.Hex("key_package")).KeyPackage!;
        var welcome = MlsMessage.Decode(vector.Hex("welcome")).Welcome!;
        var entry = welcome.Secrets.Single(secrets => secrets.NewMember.Span.SequenceEqual(keyPackage.Reference(crypto)));
        using var opened = crypto.DecryptWithLabel(vector.Hex("init_priv"), "Welcome"u8, welcome.EncryptedGroupInfo.Span, entry.Encrypted);
        using var secrets = GroupSecrets.Read(opened!.Bytes);

        using var noPsk = Secret.Create(crypto.HashLength, out _);
        using var member = KeySchedule.MemberSecret(crypto, secrets.JoinerSecret.Bytes, noPsk.Bytes);
        var (key, nonce) = KeySchedule.WelcomeKey(crypto, member);
        var reader = new TlsReader(crypto.Open(key.Bytes, nonce.Bytes, default, welcome.EncryptedGroupInfo.Span)!);
        var info = GroupInfo.Read(ref reader);
        reader.End();
        Assert.True(info.IsSigned(crypto, vector.Hex("signer_pub")));

        var (epoch, encryption) = KeySchedule.Epoch(crypto, member, info.Context);
        using (epoch)
        using (encryption)
            Assert.Equal(info.Content.ConfirmationTag.ToArray(), epoch.ConfirmationTag(crypto, info.Context.ConfirmedTranscriptHash.Span));
    });

    /// <summary>The message framed again from its parts, so that writing is shown and not only kept bytes.</summary>
    private static MlsMessage Framed(MlsMessage message) => message.Format switch
    {
        WireFormat.Welcome => MlsMessage.Of(message.Welcome!),
        WireFormat.GroupInfo => MlsMessage.Of(message.GroupInfo!),
        WireFormat.KeyPackage => MlsMessage.Of(message.KeyPackage!),
        WireFormat.PublicMessage => MlsMessage.Of(message.PublicMessage!),
        _ => MlsMessage.Of(message.PrivateMessage!),
    };

    private static void CheckProposal(byte[] body, ushort type)
    {
        byte[] encoded = [(byte)(type >> 8), (byte)type, .. body];
        var reader = new TlsReader(encoded);
        var proposal = Proposal.Read(ref reader);
        reader.End();
        Assert.Equal(type, proposal.Type);
        Assert.Equal(encoded, TlsWriter.Encode(proposal.Write));
        if (proposal is UpdateProposal update)
            Assert.Equal(update.LeafNode.Encoded.ToArray(), Written(update.LeafNode));
    }

    /// <summary>A leaf written from its fields.</summary>
    private static byte[] Written(LeafNode leaf) => TlsWriter.Encode(writer =>
    {
        leaf.Content.Write(writer);
        writer.WriteVector(leaf.Signature);
    });

    private static void CheckCommit(byte[] encoded)
    {
        var reader = new TlsReader(encoded);
        var commit = Commit.Read(ref reader);
        reader.End();
        Assert.Equal(encoded, Commit.Create(commit.Proposals, commit.Path).Encoded.ToArray());
    }
}
