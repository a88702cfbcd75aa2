using System.Text;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Schedule;

namespace Sotto.Mls.Tests.Vectors;

public sealed class CryptoVectorTests
{
    [Theory]
    [InlineData(MlsVectors.Official, 7)]
    [InlineData(MlsVectors.TsMls, 3)]
    [InlineData(MlsVectors.Default, 3)]
    public void Labelled_functions_give_the_published_values(string origin, int cases) => MlsVectors.RunAll(origin, "test-vectors/crypto-basics", cases, (vector, suite) =>
    {
        var crypto = TestSuites.Crypto(suite);
        var hash = vector.GetProperty("ref_hash");
        Assert.Equal(hash.Hex("out"), crypto.RefHash(Label(hash), hash.Hex("value")));

        var expand = vector.GetProperty("expand_with_label");
        using var expanded = crypto.ExpandWithLabel(expand.Hex("secret"), Label(expand), expand.Hex("context"), expand.Int("length"));
        Assert.Equal(expand.Hex("out"), expanded.Bytes.ToArray());

        var derive = vector.GetProperty("derive_secret");
        using var derived = crypto.DeriveSecret(derive.Hex("secret"), Label(derive));
        Assert.Equal(derive.Hex("out"), derived.Bytes.ToArray());

        var tree = vector.GetProperty("derive_tree_secret");
        var generation = TlsWriter.Encode(writer => writer.WriteUInt32(tree.GetProperty("generation").GetUInt32()));
        using var treeSecret = crypto.ExpandWithLabel(tree.Hex("secret"), Label(tree), generation, tree.Int("length"));
        Assert.Equal(tree.Hex("out"), treeSecret.Bytes.ToArray());

        var sign = vector.GetProperty("sign_with_label");
        using var key = crypto.Signatures.OpenPrivateKey(sign.Hex("priv"));
        Assert.True(crypto.VerifyWithLabel(sign.Hex("pub"), Label(sign), sign.Hex("content"), sign.Hex("signature")));
        var signature = SuiteCrypto.SignWithLabel(key, Label(sign), sign.Hex("content"));
        Assert.True(crypto.VerifyWithLabel(sign.Hex("pub"), Label(sign), sign.Hex("content"), signature));

        var encrypt = vector.GetProperty("encrypt_with_label");
        var ciphertext = new HpkeCiphertext(encrypt.Hex("kem_output"), encrypt.Hex("ciphertext"));
        using var opened = crypto.DecryptWithLabel(encrypt.Hex("priv"), Label(encrypt), encrypt.Hex("context"), ciphertext);
        Assert.Equal(encrypt.Hex("plaintext"), opened!.Bytes.ToArray());
        var again = crypto.EncryptWithLabel(encrypt.Hex("pub"), Label(encrypt), encrypt.Hex("context"), encrypt.Hex("plaintext"));
        using var reopened = crypto.DecryptWithLabel(encrypt.Hex("priv"), Label(encrypt), encrypt.Hex("context"), again);
        Assert.Equal(encrypt.Hex("plaintext"), reopened!.Bytes.ToArray());
    });

    [Theory]
    [InlineData(MlsVectors.Official, 77)]
    [InlineData(MlsVectors.TsMls, 5)]
    [InlineData(MlsVectors.Default, 5)]
    public void Psk_secrets_are_the_published_ones(string origin, int cases) => MlsVectors.RunAll(origin, "test-vectors/psk_secret", cases, (vector, suite) =>
    {
        var keys = vector.GetProperty("psks").EnumerateArray()
            .Select(psk => new PreSharedKey(new ExternalPskId(psk.Hex("psk_id"), psk.Hex("psk_nonce")), Secret.CopyOf(psk.Hex("psk"))));
        using var list = new PreSharedKeyList([.. keys]);
        using var secret = PskSecret.Compute(TestSuites.Crypto(suite), list.Keys);
        Assert.Equal(vector.Hex("psk_secret"), secret.Bytes.ToArray());
    });

    [Theory]
    [InlineData(MlsVectors.Official, 7)]
    [InlineData(MlsVectors.TsMls, 1)]
    [InlineData(MlsVectors.Default, 1)]
    public void Transcript_hashes_are_the_published_ones(string origin, int cases) => MlsVectors.RunAll(origin, "test-vectors/transcript-hashes", cases, (vector, suite) =>
    {
        var crypto = TestSuites.Crypto(suite);
        var content = State.GroupEncoding.ReadContent(vector.Hex("authenticated_content"));
        Assert.Equal(ContentType.Commit, content.Content.Type);
        Assert.Equal(vector.Hex("authenticated_content"), content.Encode());

        var confirmed = Transcript.Confirmed(crypto, vector.Hex("interim_transcript_hash_before"), content);
        Assert.Equal(vector.Hex("confirmed_transcript_hash_after"), confirmed);
        Assert.True(crypto.MacIs(vector.Hex("confirmation_key"), confirmed, content.ConfirmationTag!.Value.Span));
        Assert.Equal(vector.Hex("interim_transcript_hash_after"), Transcript.Interim(crypto, confirmed, content.ConfirmationTag.Value.Span));
    });

    [Theory]
    [InlineData(MlsVectors.Official, 7)]
    [InlineData(MlsVectors.TsMls, 1)]
    [InlineData(MlsVectors.Default, 1)]
    public void The_key_schedule_gives_the_published_secrets(string origin, int cases) => MlsVectors.RunAll(origin, "test-vectors/key-schedule", cases, (vector, suite) =>
    {
        var crypto = TestSuites.Crypto(suite);
        var init = Secret.CopyOf(vector.Hex("initial_init_secret"));
        ulong number = 0;
        foreach (var epoch in vector.GetProperty("epochs").EnumerateArray())
        {
            var context = new GroupContext(
                suite.Id, new GroupId(vector.Hex("group_id")), new Epoch(number++), epoch.Hex("tree_hash"), epoch.Hex("confirmed_transcript_hash"),
                Mls.Extensions.ExtensionList.Empty);
            Assert.Equal(epoch.Hex("group_context"), context.Encoded.ToArray());

            using var joiner = KeySchedule.JoinerSecret(crypto, init.Bytes, epoch.Hex("commit_secret"), context);
            Assert.Equal(epoch.Hex("joiner_secret"), joiner.Bytes.ToArray());
            using var member = KeySchedule.MemberSecret(crypto, joiner.Bytes, epoch.Hex("psk_secret"));
            using var welcome = crypto.DeriveSecret(member.Bytes, "welcome"u8);
            Assert.Equal(epoch.Hex("welcome_secret"), welcome.Bytes.ToArray());

            var (secrets, encryption) = KeySchedule.Epoch(crypto, member, context);
            Assert.Equal(epoch.Hex("encryption_secret"), encryption.Bytes.ToArray());
            Assert.Equal(epoch.Hex("init_secret"), secrets.Init.Bytes.ToArray());
            Assert.Equal(epoch.Hex("sender_data_secret"), secrets.SenderData.Bytes.ToArray());
            Assert.Equal(epoch.Hex("exporter_secret"), secrets.Exporter.Bytes.ToArray());
            Assert.Equal(epoch.Hex("epoch_authenticator"), secrets.Authenticator);
            Assert.Equal(epoch.Hex("external_secret"), secrets.External.Bytes.ToArray());
            Assert.Equal(epoch.Hex("confirmation_key"), secrets.Confirmation.Bytes.ToArray());
            Assert.Equal(epoch.Hex("membership_key"), secrets.Membership.Bytes.ToArray());
            Assert.Equal(epoch.Hex("resumption_psk"), secrets.Resumption.Bytes.ToArray());
            using var external = secrets.ExternalPrivateKey(crypto);
            Assert.Equal(epoch.Hex("external_pub"), crypto.Hpke.PublicKey(external.Bytes));

            var exporter = epoch.GetProperty("exporter");
            using var exported = secrets.Export(crypto, Label(exporter), exporter.Hex("context"), exporter.Int("length"));
            Assert.Equal(exporter.Hex("secret"), exported.Bytes.ToArray());
            init = secrets.Init;
        }
    });

    private static byte[] Label(System.Text.Json.JsonElement element) => Encoding.UTF8.GetBytes(element.Text("label"));
}
