using Sotto.Crypto.Native;

namespace Sotto.Crypto.Tests.Vectors;

public sealed class MlKem768VectorTests
{
    [Fact]
    public void Key_generation_gives_the_published_keys()
    {
        using var file = VectorFile.Open("wycheproof/mlkem_768_keygen_seed_test.json.gz");

        file.RunAll(100, vector =>
        {
            var (publicKey, privateKey) = KeyPair(vector["seed"]);
            Assert.Equal(vector["ek"], publicKey);
            Assert.Equal(vector["dk"], privateKey);
        });
    }

    [Fact]
    public void Encapsulation_refuses_every_key_that_is_not_reduced()
    {
        using var file = VectorFile.Open("wycheproof/mlkem_768_encaps_test.json.gz");
        var refused = new Dictionary<CryptoFailure, int>();

        file.RunAll(265, vector => Check(vector, refused, () =>
        {
            var ciphertext = new byte[Sodium.MlKem768Ciphertext];
            var secret = new byte[Sodium.MlKem768SharedSecret];
            MlKem768.Encapsulate(vector["ek"], vector["m"], ciphertext, secret);
            Assert.Equal(vector["c"], ciphertext);
            Assert.Equal(vector["K"], secret);
        }));

        Assert.Equal(112, refused[CryptoFailure.UnusablePublicKey]);
        Assert.Equal(20, refused[CryptoFailure.WrongLength]);
    }

    [Fact]
    public void Decapsulation_gives_the_published_secrets_and_refuses_wrong_lengths()
    {
        using var file = VectorFile.Open("wycheproof/mlkem_768_test.json.gz");
        var refused = new Dictionary<CryptoFailure, int>();

        file.RunAll(193, vector => Check(vector, refused, () =>
        {
            var (publicKey, privateKey) = KeyPair(vector["seed"]);
            Assert.Equal(vector["ek"], publicKey);
            Assert.Equal(vector["K"], Decapsulate(privateKey, vector["c"]));
        }));

        Assert.Equal(40, refused[CryptoFailure.WrongLength]);
    }

    [Fact]
    public void Decapsulation_refuses_a_key_whose_hash_does_not_fit()
    {
        using var file = VectorFile.Open("wycheproof/mlkem_768_semi_expanded_decaps_test.json.gz");
        var refused = new Dictionary<CryptoFailure, int>();

        file.RunAll(9, vector => Check(vector, refused, () =>
        {
            var secret = Decapsulate(vector["dk"], vector["c"]);
            Assert.Equal(vector["K"], secret);
        }));

        Assert.Equal(2, refused[CryptoFailure.UnusablePublicKey]);
        Assert.Equal(4, refused[CryptoFailure.WrongLength]);
    }

    private static void Check(VectorCase vector, Dictionary<CryptoFailure, int> refused, Action run)
    {
        if (vector.IsValid)
        {
            run();
            return;
        }

        var refusal = Assert.Throws<CryptoException>(run);
        refused[refusal.Failure] = refused.GetValueOrDefault(refusal.Failure) + 1;
    }

    private static (byte[] PublicKey, byte[] PrivateKey) KeyPair(byte[] seed)
    {
        var publicKey = new byte[Sodium.MlKem768PublicKey];
        var privateKey = new byte[Sodium.MlKem768PrivateKey];
        MlKem768.KeyPair(seed, publicKey, privateKey);
        return (publicKey, privateKey);
    }

    private static byte[] Decapsulate(byte[] privateKey, byte[] ciphertext)
    {
        var secret = new byte[Sodium.MlKem768SharedSecret];
        MlKem768.Decapsulate(privateKey, ciphertext, secret);
        return secret;
    }
}
