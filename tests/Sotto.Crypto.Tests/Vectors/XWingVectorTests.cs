using System.Text.Json;

namespace Sotto.Crypto.Tests.Vectors;

public sealed class XWingVectorTests
{
    private const int XWingKemId = 0x647A;

    [Fact]
    public void XWing_gives_the_drafts_keys_ciphertexts_and_secrets()
    {
        using var file = VectorFile.Open("xwing/draft-connolly-xwing-test-vectors.json");
        var count = 0;
        foreach (var vector in file.Root.EnumerateArray())
        {
            var provider = Providers.Giving(Bytes(vector, "eseed"));
            var publicKey = new byte[Sizes.XWingPublicKey];
            provider.XWingPublicKey(Bytes(vector, "seed"), publicKey);
            Assert.Equal(Bytes(vector, "pk"), publicKey);

            var ciphertext = new byte[Sizes.XWingCiphertext];
            var secret = new byte[Sizes.XWingSharedSecret];
            provider.XWingEncapsulate(publicKey, ciphertext, secret);
            Assert.Equal(Bytes(vector, "ct"), ciphertext);
            Assert.Equal(Bytes(vector, "ss"), secret);

            secret.AsSpan().Clear();
            provider.XWingDecapsulate(Bytes(vector, "sk"), ciphertext, secret);
            Assert.Equal(Bytes(vector, "ss"), secret);
            count++;
        }

        file.Ran(count, 3);
    }

    /// <summary>The file's thirteen cases are of several KEMs; the two of X-Wing are the ones that apply.</summary>
    [Fact]
    public void Labeled_derivation_gives_the_keys_of_the_hpke_draft_and_opens_its_encapsulations()
    {
        using var file = VectorFile.Open("hpke/hpke-pq-test-vectors.json");
        var count = 0;
        foreach (var vector in file.Root.EnumerateArray().Where(IsXWing))
        {
            var privateKey = Derive(XWingDerivation.Labeled, Bytes(vector, "ikmR"));
            Assert.Equal(Bytes(vector, "skRm"), privateKey);
            Assert.NotEqual(privateKey, Derive(XWingDerivation.Plain, Bytes(vector, "ikmR")));

            var publicKey = new byte[Sizes.XWingPublicKey];
            Providers.Native.XWingPublicKey(privateKey, publicKey);
            Assert.Equal(Bytes(vector, "pkRm"), publicKey);

            var secret = new byte[Sizes.XWingSharedSecret];
            Providers.Native.XWingDecapsulate(privateKey, Bytes(vector, "enc"), secret);
            Assert.Equal(Bytes(vector, "shared_secret"), secret);
            count++;
        }

        file.Ran(count, 2);
    }

    private static bool IsXWing(JsonElement vector) => vector.GetProperty("kem_id").GetInt32() == XWingKemId;

    private static byte[] Bytes(JsonElement vector, string name) => Convert.FromHexString(vector.GetProperty(name).GetString()!);

    private static byte[] Derive(XWingDerivation form, byte[] inputKeyMaterial)
    {
        var privateKey = new byte[Sizes.XWingPrivateKey];
        Providers.Native.XWingDerivePrivateKey(form, inputKeyMaterial, privateKey);
        return privateKey;
    }
}
