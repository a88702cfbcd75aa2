using Sotto.Crypto;
using Sotto.Wire.Records;

namespace Sotto.Client.Conversations;

/// <summary>Names a KeyPackage as a Welcome does: KeyPackageRef, by RefHash of RFC 9420 §5.2 with the suite's SHA-384.</summary>
internal static class KeyPackageNames
{
    public static byte[] Of(ICryptoProvider crypto, ReadOnlySpan<byte> keyPackage)
    {
        var name = new byte[Sizes.Digest(HashAlgorithm.Sha384)];
        crypto.Hash(HashAlgorithm.Sha384, new TlsWriter().Vector("MLS 1.0 KeyPackage Reference"u8).Vector(keyPackage).Written, name);
        return name;
    }
}
