using Sotto.Mls.Extensions;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Mls.KeyPackages;

/// <summary>
/// A KeyPackage that was checked as RFC 9420 §10.1 asks, at the time when it was checked. Only these can be added.
/// <see cref="MlsClient.Verify(KeyPackage, DateTimeOffset)"/> makes them.
/// </summary>
public sealed class VerifiedKeyPackage
{
    private VerifiedKeyPackage(KeyPackage keyPackage) => KeyPackage = keyPackage;

    /// <summary>What was checked.</summary>
    public KeyPackage KeyPackage { get; }

    internal static VerifiedKeyPackage Verify(SuiteCrypto crypto, LeafValidator leaves, KeyPackage keyPackage, DateTimeOffset? now)
    {
        Check.That(keyPackage.Version == ProtocolVersion.Mls10, MlsRule.KeyPackageVersion);
        Check.That(keyPackage.CipherSuite == crypto.Suite.Id, MlsRule.KeyPackageSuite);
        Check.That(!keyPackage.InitKey.SameAs(keyPackage.LeafNode.EncryptionKey), MlsRule.InitKeyDiffers);
        leaves.ValidateAdded(keyPackage.LeafNode, now);
        Check.That(keyPackage.IsSigned(crypto), MlsRule.KeyPackageSignature);
        crypto.RequirePublicKey(keyPackage.InitKey, MlsRule.UsableInitKey);
        AppDataDictionary.From(keyPackage.Extensions);
        return new VerifiedKeyPackage(keyPackage);
    }
}
