using Org.BouncyCastle.Crypto.Agreement;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Kems;
using Org.BouncyCastle.Crypto.Parameters;

namespace Sotto.Crypto.Tests.Provider;

/// <summary>
/// X-Wing (draft-connolly-cfrg-xwing-kem §5) put together from BouncyCastle's ML-KEM, X25519, SHA-3 and SHAKE, to hold
/// libsodium's against. BouncyCastle has no X-Wing of its own.
/// </summary>
internal static class BouncyCastleXWing
{
    private const int MlKemCiphertext = 1088;
    private const int MlKemPublicKey = 1184;

    public static byte[] PublicKey(byte[] privateKey)
    {
        var (mlKem, x25519) = Expand(privateKey);
        return [.. mlKem.GetPublicKey().GetEncoded(), .. x25519.GeneratePublicKey().GetEncoded()];
    }

    public static (byte[] Ciphertext, byte[] Secret) Encapsulate(byte[] publicKey, byte[] ephemeralKey)
    {
        var encapsulator = new MLKemEncapsulator(MLKemParameters.ml_kem_768);
        encapsulator.Init(MLKemPublicKeyParameters.FromEncoding(MLKemParameters.ml_kem_768, publicKey[..MlKemPublicKey]));
        var mlKemCiphertext = new byte[encapsulator.EncapsulationLength];
        var mlKemSecret = new byte[encapsulator.SecretLength];
        encapsulator.Encapsulate(mlKemCiphertext, 0, mlKemCiphertext.Length, mlKemSecret, 0, mlKemSecret.Length);

        var ephemeral = new X25519PrivateKeyParameters(ephemeralKey);
        var share = ephemeral.GeneratePublicKey().GetEncoded();
        var peer = publicKey[MlKemPublicKey..];
        return ([.. mlKemCiphertext, .. share], Combine(mlKemSecret, Agree(ephemeral, peer), share, peer));
    }

    public static byte[] Decapsulate(byte[] privateKey, byte[] ciphertext)
    {
        var (mlKem, x25519) = Expand(privateKey);
        var decapsulator = new MLKemDecapsulator(MLKemParameters.ml_kem_768);
        decapsulator.Init(mlKem);
        var mlKemSecret = new byte[decapsulator.SecretLength];
        decapsulator.Decapsulate(ciphertext, 0, MlKemCiphertext, mlKemSecret, 0, mlKemSecret.Length);

        var share = ciphertext[MlKemCiphertext..];
        return Combine(mlKemSecret, Agree(x25519, share), share, x25519.GeneratePublicKey().GetEncoded());
    }

    public static byte[] Shake256(byte[] input, int length)
    {
        var shake = new ShakeDigest(256);
        shake.BlockUpdate(input, 0, input.Length);
        var output = new byte[length];
        shake.OutputFinal(output, 0, length);
        return output;
    }

    private static (MLKemPrivateKeyParameters MlKem, X25519PrivateKeyParameters X25519) Expand(byte[] privateKey)
    {
        var expanded = Shake256(privateKey, 96);
        return (MLKemPrivateKeyParameters.FromSeed(MLKemParameters.ml_kem_768, expanded[..64]),
            new X25519PrivateKeyParameters(expanded[64..]));
    }

    private static byte[] Agree(X25519PrivateKeyParameters privateKey, byte[] publicKey)
    {
        var agreement = new X25519Agreement();
        agreement.Init(privateKey);
        var secret = new byte[agreement.AgreementSize];
        agreement.CalculateAgreement(new X25519PublicKeyParameters(publicKey), secret, 0);
        return secret;
    }

    private static byte[] Combine(byte[] mlKemSecret, byte[] x25519Secret, byte[] share, byte[] publicKey)
    {
        byte[] input = [.. mlKemSecret, .. x25519Secret, .. share, .. publicKey, .. @"\.//^\"u8];
        var digest = new Sha3Digest(256);
        digest.BlockUpdate(input, 0, input.Length);
        var secret = new byte[digest.GetDigestSize()];
        digest.DoFinal(secret, 0);
        return secret;
    }
}
