using Sotto.Mls.Credentials;
using Sotto.Mls.Extensions;
using Sotto.Mls.Suites;

namespace Sotto.Mls.Trees;

/// <summary>The checks of leaves that RFC 9420 §7.3 lists, one method for each place where a leaf comes up.</summary>
internal sealed class LeafValidator(SuiteCrypto crypto, MlsClientOptions options)
{
    /// <summary>The leaf of a KeyPackage that is added. Expiry is only checked by who adds: now is null for all others.</summary>
    public void ValidateAdded(LeafNode leaf, DateTimeOffset? now)
    {
        Check.That(leaf.Source == LeafNodeSource.KeyPackage, MlsRule.AddedLeafSource);
        ValidateItself(leaf, null, null);
        Check.That(leaf.Lifetime is not { } life || life.IsAtMost(options.Limits.KeyPackageLifetime), MlsRule.LifetimeLength);
        Check.That(now is not { } time || leaf.Lifetime is not { } lifetime || lifetime.Contains(time), MlsRule.LifetimeNow);
        Check.That(options.Authentication.IsValid(new(CredentialOccasion.Add, leaf, null)), MlsRule.AddedCredential);
    }

    /// <summary>The leaf of an Update proposal.</summary>
    public void ValidateUpdate(LeafNode leaf, LeafNode replaced, GroupId group, LeafIndex index)
    {
        Check.That(leaf.Source == LeafNodeSource.Update, MlsRule.UpdateLeafSource);
        ValidateItself(leaf, group, index);
        Check.That(!leaf.EncryptionKey.SameAs(replaced.EncryptionKey), MlsRule.UpdateChangesKey);
        Check.That(options.Authentication.IsValid(new(CredentialOccasion.Update, leaf, replaced)), MlsRule.UpdateCredential);
    }

    /// <summary>The leaf of a commit's path. What it replaces is null when the committer joins by it and replaces nobody.</summary>
    public void ValidateCommit(LeafNode leaf, LeafNode? replaced, GroupId group, LeafIndex index, bool joins)
    {
        Check.That(leaf.Source == LeafNodeSource.Commit, MlsRule.CommitLeafSource);
        ValidateItself(leaf, group, index);
        Check.That(replaced is null || !leaf.EncryptionKey.SameAs(replaced.EncryptionKey), MlsRule.CommitChangesKey);
        RequireSuccessor(leaf, replaced, joins);
    }

    /// <summary>
    /// The own leaf of a commit before it is sent: what the others will check of it, but for what making it has made right.
    /// What it replaces is null when this client joins by it and replaces nobody.
    /// </summary>
    public void ValidateOwn(LeafNode leaf, LeafNode? replaced, bool joins)
    {
        ValidateContent(leaf);
        RequireSuccessor(leaf, replaced, joins);
    }

    /// <summary>A leaf of a tree that this client joins. Own leaves of any source are allowed there.</summary>
    public void ValidateJoined(LeafNode leaf, GroupId group, LeafIndex index)
    {
        ValidateItself(leaf, group, index);
        Check.That(leaf.Lifetime is not { } life || life.IsAtMost(options.Limits.KeyPackageLifetime), MlsRule.LifetimeLength);
        Check.That(options.Authentication.IsValid(new(CredentialOccasion.Join, leaf, null)), MlsRule.JoinedCredential);
    }

    /// <summary>What holds of a leaf with the others: all credential types are supported by all, and all extensions of the group.</summary>
    public static void ValidateTogether(NodeArray tree, ExtensionList groupExtensions)
    {
        var required = ReadGroupExtensions(groupExtensions);
        var credentialTypes = tree.Leaves().Select(leaf => leaf.Leaf.Credential.Type).Distinct().ToList();
        foreach (var (_, leaf) in tree.Leaves())
        {
            Check.That(credentialTypes.TrueForAll(leaf.Capabilities.SupportsCredential), MlsRule.CredentialTypesSupported);
            Check.That(required is null || leaf.Capabilities.Meets(required), MlsRule.RequiredCapabilitiesMet);
            Check.That(SupportsAll(leaf, groupExtensions), MlsRule.GroupExtensionsSupported);
        }
    }

    /// <summary>Reads the group extensions that this library knows; what they require of the members, null for nothing.</summary>
    /// <exception cref="MlsException">One does not parse.</exception>
    public static RequiredCapabilities? ReadGroupExtensions(ExtensionList groupExtensions)
    {
        AppDataDictionary.From(groupExtensions);
        return RequiredCapabilities.From(groupExtensions);
    }

    private void RequireSuccessor(LeafNode leaf, LeafNode? replaced, bool joins)
    {
        var occasion = joins ? CredentialOccasion.ExternalJoin : CredentialOccasion.Commit;
        Check.That(options.Authentication.IsValid(new(occasion, leaf, replaced)), MlsRule.CommitCredential);
    }

    /// <summary>What holds of a leaf by itself: usable keys, its own signature, capabilities that cover what it uses.</summary>
    private void ValidateItself(LeafNode leaf, GroupId? group, LeafIndex? index)
    {
        Check.That(leaf.IsSigned(crypto, group, index), MlsRule.LeafSignature);
        crypto.RequirePublicKey(leaf.EncryptionKey, MlsRule.UsableEncryptionKey);
        ValidateContent(leaf);
    }

    /// <summary>Capabilities that cover what the leaf uses, and extensions that parse where they are known.</summary>
    private static void ValidateContent(LeafNode leaf)
    {
        var capabilities = leaf.Capabilities;
        Check.That(capabilities.Versions.Contains(ProtocolVersion.Mls10), MlsRule.LeafSupportsVersion);
        Check.That(capabilities.SupportsCredential(leaf.Credential.Type), MlsRule.LeafSupportsOwnCredential);
        Check.That(SupportsAll(leaf, leaf.Extensions), MlsRule.LeafSupportsOwnExtensions);
        AppDataDictionary.From(leaf.Extensions);
    }

    private static bool SupportsAll(LeafNode leaf, ExtensionList extensions)
    {
        foreach (var extension in extensions)
        {
            if (!leaf.Capabilities.SupportsExtension(extension.Type))
                return false;
        }

        return true;
    }
}
