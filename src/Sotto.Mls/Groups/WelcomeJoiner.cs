using System.Security.Cryptography;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Schedule;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Groups;

/// <summary>Joins a group by a Welcome (RFC 9420 §12.4.3.1).</summary>
internal sealed class WelcomeJoiner(SuiteCrypto crypto, MlsClientOptions options, KeyPackageKeys own, MlsGroup? linked)
{
    public EpochState Join(Welcome welcome, ReadOnlyMemory<byte>? otherTree)
    {
        // The secrets for this KeyPackage.
        Check.That(own.KeyPackage.CipherSuite == welcome.CipherSuite, MlsRule.WelcomeSuite);
        using var secrets = OpenSecrets(welcome);
        Check.That(secrets.JoinerSecret.Length == crypto.HashLength, MlsRule.WelcomeJoinerSecretLength);
        CheckPskIds(secrets.Psks);
        using var psks = new PskFinder(options, FindLinked).Find(secrets.Psks);
        using var pskSecret = PskSecret.Compute(crypto, psks.Keys);

        // The group.
        var member = KeySchedule.MemberSecret(crypto, secrets.JoinerSecret.Bytes, pskSecret.Bytes);
        GroupInfo info;
        VerifiedGroupInfo verified;
        try
        {
            info = OpenInfo(welcome, member);
            Check.That(!options.IsInGroup(info.Context.GroupId), MlsRule.GroupIdNew);
            verified = VerifiedGroupInfo.Verify(crypto, options, info, otherTree);
            CheckLink(secrets.Psks, verified);
        }
        catch
        {
            member.Dispose();
            throw;
        }

        // This client's place and keys in it.
        using var builder = EpochBuilder.Join(crypto, info.Context, Secret.CopyOf(secrets.JoinerSecret.Bytes), member);
        Check.That(
            CryptographicOperations.FixedTimeEquals(builder.ConfirmationTag, info.Content.ConfirmationTag.Span), MlsRule.GroupInfoConfirmationTag);
        var place = FindOwnLeaf(verified.Tree);
        Check.That(place != info.Signer, MlsRule.WelcomeFromOther);
        var signingKey = options.SignatureKeys(own.KeyPackage.LeafNode.SignatureKey)
            ?? throw new InvalidOperationException("The application does not give the signature key of the KeyPackage.");
        return builder.Build(verified.Tree, place, PrivateKeys(secrets, verified, place), signingKey);
    }

    private GroupSecrets OpenSecrets(Welcome welcome)
    {
        var reference = own.KeyPackage.Reference(crypto);
        var entry = welcome.Secrets.FirstOrDefault(secrets => secrets.NewMember.Span.SequenceEqual(reference))
            ?? throw new MlsException(MlsRule.WelcomeForOwnKeyPackage);
        using var plaintext = crypto.DecryptWithLabel(own.InitKey.Bytes, "Welcome"u8, welcome.EncryptedGroupInfo.Span, entry.Encrypted)
            ?? throw new MlsException(MlsRule.WelcomeSecretsOpen);
        return GroupSecrets.Read(plaintext.Bytes);
    }

    private void CheckPskIds(IReadOnlyList<PreSharedKeyId> psks)
    {
        Check.That(psks.All(psk => psk.Nonce.Length == crypto.HashLength), MlsRule.WelcomePskNonceLength);
        Check.That(psks.Count(IsLink) <= 1, MlsRule.WelcomeOneLink);
        Check.That(psks.Distinct().Count() == psks.Count, MlsRule.WelcomePsksDiffer);
    }

    private GroupInfo OpenInfo(Welcome welcome, Secret member)
    {
        var (key, nonce) = KeySchedule.WelcomeKey(crypto, member);
        using (key)
        using (nonce)
        {
            var plaintext = crypto.Open(key.Bytes, nonce.Bytes, default, welcome.EncryptedGroupInfo.Span)
                ?? throw new MlsException(MlsRule.WelcomeInfoOpens);
            var reader = new TlsReader(plaintext);
            var info = GroupInfo.Read(ref reader);
            reader.End();
            return info;
        }
    }

    private LeafIndex FindOwnLeaf(RatchetTree tree)
    {
        foreach (var (index, leaf) in tree.Leaves())
        {
            if (leaf.Encoded.SameAs(own.KeyPackage.LeafNode.Encoded))
                return index;
        }

        throw new MlsException(MlsRule.OwnLeafInTree);
    }

    private TreePrivateKeys PrivateKeys(GroupSecrets secrets, VerifiedGroupInfo group, LeafIndex place)
    {
        using var path = secrets.PathSecret is null
            ? null
            : TreeKem.FollowWelcome(crypto, group.Tree, group.Info.Signer, place, secrets.PathSecret);
        var leafKey = new NodeKey(Secret.CopyOf(own.EncryptionKey.Bytes), own.KeyPackage.LeafNode.EncryptionKey);
        return TreePrivateKeys.Of([new(place.Node, leafKey), .. path?.TakePrivateKeys() ?? []]);
    }

    // What links a group to an older one (§11.2, §11.3).

    private static bool IsLink(PreSharedKeyId psk) => psk is ResumptionPskId { Usage: ResumptionUsage.ReInit or ResumptionUsage.Branch };

    private Secret? FindLinked(ResumptionPskId psk) => linked is not null && psk.Group == linked.GroupId ? linked.FindResumptionPsk(psk.Epoch) : null;

    private void CheckLink(IReadOnlyList<PreSharedKeyId> psks, VerifiedGroupInfo group)
    {
        if (psks.FirstOrDefault(IsLink) is not ResumptionPskId link)
        {
            Check.That(linked is null, MlsRule.LinkPresent);
            return;
        }

        Check.That(group.Info.Context.Epoch == new Epoch(1), MlsRule.LinkedGroupEpoch);
        if (linked is null || linked.GroupId != link.Group)
            throw new MlsException(MlsRule.LinkedGroupKnown);
        if (link.Usage == ResumptionUsage.ReInit)
            CheckReInit(linked, link, group);
        else
            CheckBranch(linked, group);
    }

    private void CheckReInit(MlsGroup old, ResumptionPskId link, VerifiedGroupInfo group)
    {
        if (old.ReInit is not { } reInit)
            throw new MlsException(MlsRule.ReInitExpected);
        Check.That(link.Epoch == old.Epoch, MlsRule.ReInitEpoch);
        Check.That(reInit.IsFor(group.Info.Context), MlsRule.ReInitParameters);
        var members = Identities(group.Tree.Leaves().Select(leaf => leaf.Leaf));
        Check.That(Identities(old.Members.Select(member => member.Leaf)).SetEquals(members), MlsRule.ReInitMembers);
    }

    private void CheckBranch(MlsGroup old, VerifiedGroupInfo group)
    {
        Check.That(group.Info.Context.CipherSuite == old.Context.CipherSuite, MlsRule.BranchSuite);
        var members = Identities(group.Tree.Leaves().Select(leaf => leaf.Leaf));
        Check.That(members.IsSubsetOf(Identities(old.Members.Select(member => member.Leaf))), MlsRule.BranchMembers);
    }

    private HashSet<ReadOnlyMemory<byte>> Identities(IEnumerable<LeafNode> leaves) =>
        leaves.Select(options.Authentication.IdentifyMember).ToHashSet(TreeValidator.KeyComparer.Instance);
}
