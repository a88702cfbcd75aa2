using CsCheck;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Math;

namespace Sotto.Crypto.Tests.Provider;

public sealed class NistCurveTests
{
    public static TheoryData<NistCurve> Curves { get; } = new(Enum.GetValues<NistCurve>());

    [Theory]
    [MemberData(nameof(Curves))]
    public void Public_keys_and_secrets_are_those_of_bouncy_castle(NistCurve curve) =>
        Gen.Select(Gen.Int[0, 10_000], Gen.Int[0, 10_000]).Sample(
            (first, second) =>
            {
                var alice = PrivateKey(curve, first);
                var bob = PrivateKey(curve, second);
                var domain = Domain(curve);
                var bobsPoint = domain.G.Multiply(new BigInteger(1, bob));
                Assert.Equal(bobsPoint.GetEncoded(false), PublicKey(curve, bob));

                var expected = bobsPoint.Multiply(new BigInteger(1, alice)).Normalize().AffineXCoord.GetEncoded();
                Assert.Equal(expected, Agree(curve, alice, PublicKey(curve, bob)));
                Assert.Equal(expected, Agree(curve, bob, PublicKey(curve, alice)));
            },
            iter: 20);

    [Theory]
    [MemberData(nameof(Curves))]
    public void The_smallest_and_largest_scalar_are_keys(NistCurve curve)
    {
        var domain = Domain(curve);
        Assert.Equal(domain.G.GetEncoded(false), PublicKey(curve, Scalar(curve, BigInteger.One)));
        Assert.Equal(domain.G.Negate().GetEncoded(false), PublicKey(curve, Scalar(curve, domain.N.Subtract(BigInteger.One))));
    }

    [Theory]
    [MemberData(nameof(Curves))]
    public void Zero_the_order_and_more_are_no_keys(NistCurve curve)
    {
        var order = Domain(curve).N;
        foreach (var value in new[] { BigInteger.Zero, order, order.Add(BigInteger.One) })
        {
            var scalar = Scalar(curve, value);
            Assert.Throws<ArgumentException>(() => PublicKey(curve, scalar));
            Assert.Throws<ArgumentException>(() => Agree(curve, scalar, PublicKey(curve, PrivateKey(curve, 1))));
        }
        byte[] ones = [.. Enumerable.Repeat((byte)0xFF, Sizes.NistScalar(curve))];
        Assert.Throws<ArgumentException>(() => PublicKey(curve, ones));
    }

    [Theory]
    [MemberData(nameof(Curves))]
    public void Everything_but_an_uncompressed_point_on_the_curve_is_refused(NistCurve curve)
    {
        var point = Domain(curve).G;
        var good = point.GetEncoded(false);
        byte[] offCurve = [.. good];
        offCurve[^1] ^= 1;
        byte[] hybrid = [.. good];
        hybrid[0] = (byte)(0x06 | (good[^1] & 1));
        byte[] coordinateNotReduced = [0x04, .. Enumerable.Repeat((byte)0xFF, good.Length - 1)];
        byte[] zeroes = [0x04, .. new byte[good.Length - 1]];

        AssertRefused(curve, CryptoFailure.WrongLength, point.GetEncoded(true), [0x00], [], good[..^1], [.. good, 0]);
        AssertRefused(curve, CryptoFailure.UnusablePublicKey, offCurve, hybrid, coordinateNotReduced, zeroes);
        AssertRefused(curve, CryptoFailure.UnusablePublicKey, new byte[good.Length]);
        Providers.Native.RequireNistPublicKey(curve, good);
    }

    [Theory]
    [MemberData(nameof(Curves))]
    public void Ones_own_arguments_of_another_length_are_refused(NistCurve curve)
    {
        var key = PrivateKey(curve, 1);
        var publicKey = PublicKey(curve, key);
        var provider = Providers.Native;

        Assert.Throws<ArgumentException>(() => PublicKey(curve, key[1..]));
        Assert.Throws<ArgumentException>(() => PublicKey(curve, [0, .. key]));
        Assert.Throws<ArgumentException>(() => provider.NistPublicKey(curve, key, new byte[publicKey.Length - 1]));
        Assert.Throws<ArgumentException>(() => provider.NistAgree(curve, key.AsSpan(1), publicKey, new byte[key.Length]));
        Assert.Throws<ArgumentException>(() => provider.NistAgree(curve, key, publicKey, new byte[key.Length + 1]));
        Assert.Throws<ArgumentException>(() => provider.EcdsaSignWithKeyPair(curve, key, [], new byte[200]));
        Assert.Throws<ArgumentException>(() =>
            provider.EcdsaSignWithKeyPair(curve, [.. key, .. publicKey], [], new byte[Sizes.EcdsaLongestSignature(curve) - 1]));
    }

    private static void AssertRefused(NistCurve curve, CryptoFailure failure, params byte[][] publicKeys)
    {
        var privateKey = PrivateKey(curve, 1);
        foreach (var publicKey in publicKeys)
        {
            var shared = new byte[Sizes.NistScalar(curve)];
            var agreement = Assert.Throws<CryptoException>(() => Providers.Native.NistAgree(curve, privateKey, publicKey, shared));
            var check = Assert.Throws<CryptoException>(() => Providers.Native.RequireNistPublicKey(curve, publicKey));
            Assert.Equal(failure, agreement.Failure);
            Assert.Equal(failure, check.Failure);
            Assert.Equal(new byte[shared.Length], shared);
        }
    }

    private static X9ECParameters Domain(NistCurve curve) => CustomNamedCurves.GetByName(curve switch
    {
        NistCurve.P256 => "P-256",
        NistCurve.P384 => "P-384",
        _ => "P-521",
    });

    private static byte[] Scalar(NistCurve curve, BigInteger value)
    {
        var digits = value.ToByteArrayUnsigned();
        return [.. new byte[Sizes.NistScalar(curve) - digits.Length], .. digits];
    }

    private static byte[] PrivateKey(NistCurve curve, int seed)
    {
        var key = new byte[Sizes.NistScalar(curve)];
        Providers.Seeded(seed).FillRandom(key);
        key[0] = (byte)(curve == NistCurve.P521 ? key[0] & 1 : key[0] & 0x7F);
        return key;
    }

    private static byte[] PublicKey(NistCurve curve, byte[] privateKey)
    {
        var publicKey = new byte[Sizes.NistPublicKey(curve)];
        Providers.Native.NistPublicKey(curve, privateKey, publicKey);
        return publicKey;
    }

    private static byte[] Agree(NistCurve curve, byte[] privateKey, byte[] publicKey)
    {
        var shared = new byte[Sizes.NistScalar(curve)];
        Providers.Native.NistAgree(curve, privateKey, publicKey, shared);
        return shared;
    }
}
