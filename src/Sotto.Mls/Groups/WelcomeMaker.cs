using Sotto.Mls.Extensions;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Groups;

/// <summary>Makes the Welcome of a commit that adds members (RFC 9420 §12.4.1, §12.4.3.1).</summary>
internal sealed class WelcomeMaker(
    SuiteCrypto crypto, EpochBuilder epoch, RatchetTree tree, SigningKey signingKey, LeafIndex own)
{
    public Welcome Make(
        CommitParameters parameters, IReadOnlyList<(LeafIndex Leaf, KeyPackage KeyPackage)> added, PathSecrets? path,
        IReadOnlyList<PreSharedKeyProposal> psks)
    {
        var info = MakeGroupInfo(parameters);
        var (key, nonce) = KeySchedule.WelcomeKey(crypto, epoch.MemberSecret);
        var encryptedInfo = crypto.Seal(key.Bytes, nonce.Bytes, default, info.Encoded.Span);
        key.Dispose();
        nonce.Dispose();

        var context = crypto.PrepareEncryption("Welcome"u8, encryptedInfo);
        PreSharedKeyId[] ids = [.. psks.Select(psk => psk.Psk)];
        var secrets = new EncryptedGroupSecrets[added.Count];
        Cores.ForEach(added.Count, i => secrets[i] = Encrypt(added[i].Leaf, added[i].KeyPackage, path, ids, context));
        return new Welcome(crypto.Suite.Id, secrets, encryptedInfo);
    }

    /// <summary>
    /// Nothing random goes in: the Welcome's key comes from the commit, and a commit without a path that is given up and
    /// made again is the same one. Its GroupInfo must be the same too, or one key and nonce would encrypt two.
    /// </summary>
    private GroupInfo MakeGroupInfo(CommitParameters parameters) => GroupInfoMaker.Make(
        crypto, withGrease: false, epoch.Context, epoch.ConfirmationTag, own, signingKey, parameters.GroupInfoExtensions,
        parameters.TreeInWelcome ? tree : null, parameters.ExternalPubInWelcome ? epoch.ExternalPublicKey() : null);

    private EncryptedGroupSecrets Encrypt(LeafIndex leaf, KeyPackage keyPackage, PathSecrets? path, PreSharedKeyId[] psks, HpkeInfo context)
    {
        // The lowest node above both that has a key; the one right above both when the path has it.
        var pathSecret = path?.SecretOf(TreeMath.CommonAncestor(own.Node, leaf.Node));
        var plaintext = new GroupSecrets(epoch.JoinerSecret, pathSecret, psks).Write();
        try
        {
            var encrypted = Check.Usable(
                () => crypto.Hpke.Seal(keyPackage.InitKey.Span, context, default, plaintext.Written), MlsRule.UsableInitKey);
            return new EncryptedGroupSecrets(keyPackage.Reference(crypto), encrypted);
        }
        finally
        {
            plaintext.Clear();
        }
    }
}

/// <summary>Makes and signs a GroupInfo (RFC 9420 §12.4.3).</summary>
internal static class GroupInfoMaker
{
    public static GroupInfo Make(
        SuiteCrypto crypto, bool withGrease, GroupContext context, ReadOnlyMemory<byte> confirmationTag, LeafIndex signer,
        SigningKey signingKey, ExtensionList extensions, RatchetTree? tree, byte[]? externalPublicKey)
    {
        if (tree is not null)
            extensions = extensions.With(new Extension(ExtensionTypes.RatchetTree, tree.Encode()));
        if (externalPublicKey is not null)
            extensions = extensions.With(new Extension(ExtensionTypes.ExternalPub, TlsWriter.Encode(writer => writer.WriteVector(externalPublicKey))));
        if (withGrease)
            extensions = WithGrease(crypto, extensions);
        return GroupInfo.Sign(new GroupInfoContent(context, extensions, confirmationTag, signer), signingKey);
    }

    private static ExtensionList WithGrease(SuiteCrypto crypto, ExtensionList extensions)
    {
        var random = crypto.RandomBytes(1);
        var type = Grease.Pick(random[0]);
        return extensions.Find(type) is null ? extensions.With(new Extension(type, crypto.RandomBytes(random[0] % 16))) : extensions;
    }
}
