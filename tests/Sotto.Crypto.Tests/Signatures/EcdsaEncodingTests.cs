using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Security;

namespace Sotto.Crypto.Tests.Signatures;

/// <summary>One ECDSA signature has one encoding, and BouncyCastle reads and writes the same one.</summary>
public sealed class EcdsaEncodingTests
{
    public static TheoryData<SignatureAlgorithm> Algorithms { get; } = new(
        SignatureAlgorithm.EcdsaP256Sha256, SignatureAlgorithm.EcdsaP384Sha384, SignatureAlgorithm.EcdsaP521Sha512);

    [Theory]
    [InlineData(SignatureAlgorithm.EcdsaP256Sha256, "P-256", "SHA256withECDSA")]
    [InlineData(SignatureAlgorithm.EcdsaP384Sha384, "P-384", "SHA384withECDSA")]
    [InlineData(SignatureAlgorithm.EcdsaP521Sha512, "P-521", "SHA512withECDSA")]
    public void Bouncy_castle_accepts_our_signatures_and_we_accept_its(SignatureAlgorithm algorithm, string curve, string name)
    {
        var scheme = new SignatureScheme(Providers.Native, algorithm);
        var domain = ECDomainParameters.FromX9ECParameters(CustomNamedCurves.GetByName(curve));
        for (var i = 0; i < 10; i++)
        {
            using var key = NewKey(scheme);
            byte[] message = [(byte)i];

            var verifier = SignerUtilities.GetSigner(name);
            verifier.Init(false, new ECPublicKeyParameters(domain.Curve.DecodePoint(key.PublicKey.ToArray()), domain));
            verifier.BlockUpdate(message);
            Assert.True(verifier.VerifySignature(key.Sign(message)));

            var signer = SignerUtilities.GetSigner(name);
            signer.Init(true, new ECPrivateKeyParameters(new BigInteger(1, key.PrivateKey.ToArray()), domain));
            signer.BlockUpdate(message);
            Assert.True(scheme.Verify(key.PublicKey, message, signer.GenerateSignature()));
        }
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Other_encodings_of_a_valid_signature_are_refused(SignatureAlgorithm algorithm)
    {
        var scheme = new SignatureScheme(Providers.Native, algorithm);
        using var key = NewKey(scheme);
        var (r, s) = SplitShortForm(key, out var signature);
        Assert.True(scheme.Verify(key.PublicKey, "message"u8, signature));
        Assert.True(scheme.Verify(key.PublicKey, "message"u8, Sequence(Integer(r), Integer(s))));

        byte[][] others =
        [
            Sequence(Integer([0, .. r]), Integer(s)),
            Sequence(Integer(r), Integer([0, .. s])),
            Sequence(Integer(r), Integer(s), [0x05, 0x00]),
            [.. signature, 0x00],
            [0x30, 0x80, .. Integer(r), .. Integer(s), 0x00, 0x00],
            [0x30, 0x82, 0x00, (byte)(Integer(r).Length + Integer(s).Length), .. Integer(r), .. Integer(s)],
            [.. r.AsSpan().TrimStart((byte)0), .. s.AsSpan().TrimStart((byte)0)],
            Sequence(Integer(r)),
        ];
        Assert.All(others, other => Assert.False(scheme.Verify(key.PublicKey, "message"u8, other)));
    }

    [Fact]
    public void Zero_and_numbers_that_are_too_wide_are_no_signature()
    {
        var scheme = new SignatureScheme(Providers.Native, SignatureAlgorithm.EcdsaP256Sha256);
        using var key = NewKey(scheme);
        byte[] one = [1];
        byte[] wide = [1, .. new byte[32]];

        Assert.False(scheme.Verify(key.PublicKey, [], Sequence(Integer([0]), Integer(one))));
        Assert.False(scheme.Verify(key.PublicKey, [], Sequence(Integer(one), Integer([0]))));
        Assert.False(scheme.Verify(key.PublicKey, [], Sequence(Integer(wide), Integer(one))));
        Assert.False(scheme.Verify(key.PublicKey, [], Sequence(Integer([]), Integer(one))));
    }

    /// <summary>A signature's two numbers as DER writes them.</summary>
    private static (byte[] R, byte[] S) SplitShortForm(SigningKey key, out byte[] signature)
    {
        signature = key.Sign("message"u8);
        var header = signature[1] == 0x81 ? 3 : 2;
        var r = signature.AsSpan(header + 2, signature[header + 1]);
        var s = signature.AsSpan(header + 2 + r.Length + 2);
        return (r.ToArray(), s.ToArray());
    }

    private static byte[] Integer(byte[] digits) => [0x02, (byte)digits.Length, .. digits];

    private static byte[] Sequence(params byte[][] parts)
    {
        byte[] content = [.. parts.SelectMany(part => part)];
        return content.Length < 0x80 ? [0x30, (byte)content.Length, .. content] : [0x30, 0x81, (byte)content.Length, .. content];
    }

    private static SigningKey NewKey(SignatureScheme scheme)
    {
        using var secret = scheme.GeneratePrivateKey();
        return scheme.OpenPrivateKey(secret.Bytes);
    }
}
