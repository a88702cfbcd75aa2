using System.Text;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;

namespace Sotto.Crypto.Tests.Provider;

/// <summary>
/// The vector of RFC 9106 §5.3 has four lanes, a secret and associated data, none of which libsodium takes; BouncyCastle,
/// shown here to give that vector, stands in for it.
/// </summary>
public sealed class Argon2Tests
{
    [Fact]
    public void The_reference_gives_the_vector_of_the_rfc()
    {
        var parameters = new Argon2Parameters.Builder(Argon2Parameters.Argon2id)
            .WithVersion(Argon2Parameters.Version13)
            .WithIterations(3).WithMemoryAsKB(32).WithParallelism(4)
            .WithSalt(Repeat(2, 16)).WithSecret(Repeat(3, 8)).WithAdditional(Repeat(4, 12))
            .Build();

        Assert.Equal(
            "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659",
            Convert.ToHexStringLower(Reference(parameters, Repeat(1, 32), 32)));
    }

    [Theory]
    [InlineData("", 1, 8, 16)]
    [InlineData("correct horse", 1, 64, 32)]
    [InlineData("päßwörd 🔑", 3, 1024, 32)]
    [InlineData("long output", 2, 256, 100)]
    public void A_key_is_the_one_that_the_reference_gives(string passphrase, int passes, int memoryKiB, int length)
    {
        var salt = Repeat(7, 16);
        var parameters = new Argon2Parameters.Builder(Argon2Parameters.Argon2id)
            .WithVersion(Argon2Parameters.Version13)
            .WithIterations(passes).WithMemoryAsKB(memoryKiB).WithParallelism(1).WithSalt(salt)
            .Build();

        var key = new byte[length];
        Providers.Native.Argon2id(Encoding.UTF8.GetBytes(passphrase), salt, new Argon2Cost(passes, memoryKiB), key);
        Assert.Equal(Reference(parameters, Encoding.UTF8.GetBytes(passphrase), length), key);
    }

    [Fact]
    public void Arguments_out_of_bounds_are_refused()
    {
        var provider = Providers.Native;
        var cost = new Argon2Cost(1, 8);
        Assert.Throws<ArgumentException>(() => provider.Argon2id([], new byte[15], cost, new byte[32]));
        Assert.Throws<ArgumentException>(() => provider.Argon2id([], new byte[17], cost, new byte[32]));
        Assert.Throws<ArgumentException>(() => provider.Argon2id([], new byte[16], cost, new byte[15]));
        Assert.Throws<ArgumentOutOfRangeException>(() => provider.Argon2id([], new byte[16], new Argon2Cost(0, 8), new byte[32]));
        Assert.Throws<ArgumentOutOfRangeException>(() => provider.Argon2id([], new byte[16], new Argon2Cost(1, 7), new byte[32]));
    }

    private static byte[] Reference(Argon2Parameters parameters, byte[] passphrase, int length)
    {
        var generator = new Argon2BytesGenerator();
        generator.Init(parameters);
        var output = new byte[length];
        generator.GenerateBytes(passphrase, output);
        return output;
    }

    private static byte[] Repeat(byte value, int count) => [.. Enumerable.Repeat(value, count)];
}
