using Sotto.Crypto;
using Sotto.Mls.Credentials;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;
using Sotto.Wire;
using Sotto.Wire.Records;

namespace Sotto.Client.Accounts;

/// <summary>
/// Who a leaf is, in an MLS basic credential: <c>uint8 format = 1; opaque genesis&lt;V&gt;; opaque recovery_lists&lt;V&gt;;
/// opaque certificate&lt;V&gt;</c>. The recovery-signed lists, oldest first, each an <c>opaque&lt;V&gt;</c>, say which account key
/// counts; without any it is the genesis record's.
/// </summary>
/// <param name="Account">The account.</param>
/// <param name="AccountKey">The key that certified the device.</param>
/// <param name="Device">The device's key, which is the leaf's signature key.</param>
/// <param name="Recoveries">How many times the account was recovered: the length of its account-key chain.</param>
internal sealed record MemberCredential(AccountId Account, Bytes32 AccountKey, Bytes32 Device, int Recoveries)
{
    private const byte Format = 1;
    private const int MostRecoveries = 32;

    public static Credential Make(byte[] genesis, IEnumerable<byte[]> recoveryLists, byte[] certificate)
    {
        var lists = new TlsWriter();
        foreach (var list in recoveryLists)
            lists.Vector(list);
        return Credential.Basic(new TlsWriter().Byte(Format).Vector(genesis).Vector(lists.Written).Vector(certificate).Written);
    }

    /// <summary>Reads a leaf's credential and checks all of it against the leaf's key; null when anything does not hold.</summary>
    public static MemberCredential? Verify(ICryptoProvider crypto, LeafNode leaf) =>
        leaf.Credential is BasicCredential basic ? Verify(crypto, basic.Identity.Span, leaf.SignatureKey.Span) : null;

    /// <summary>The same of a credential's identity and a leaf's signature key.</summary>
    internal static MemberCredential? Verify(ICryptoProvider crypto, ReadOnlySpan<byte> identity, ReadOnlySpan<byte> signatureKey)
    {
        var reader = new TlsReader(identity);
        var known = reader.Byte() == Format;
        var genesis = reader.Vector();
        var lists = reader.Vector();
        var certificate = reader.Vector();
        if (!known || !reader.AtEnd || signatureKey.Length != Bytes32.Length)
            return null;
        try
        {
            return Verify(crypto, genesis, lists, DeviceCertificate.Decode(certificate), new Bytes32(signatureKey));
        }
        catch (RecordException)
        {
            return null;
        }
    }

    private static MemberCredential? Verify(ICryptoProvider crypto, ReadOnlySpan<byte> genesis, ReadOnlySpan<byte> lists, DeviceCertificate certificate, Bytes32 device)
    {
        var id = GenesisRecord.AccountIdOf(genesis);
        var record = GenesisRecord.Decode(genesis);
        if (FollowRecoveries(crypto, id, record, lists) is not { } chain)
            return null;
        var holds = certificate.Account == id && certificate.DeviceKey == device
            && certificate.Suites.Contains(CipherSuite.XWingAes256Sha384Ed25519.Id.Value)
            && CertificateHolds(crypto, certificate, chain.AccountKey);
        return holds ? new(new(id), chain.AccountKey, device, chain.Count) : null;
    }

    /// <summary>Whether account and device both signed a certificate.</summary>
    public static bool CertificateHolds(ICryptoProvider crypto, DeviceCertificate certificate, Bytes32 accountKey) =>
        RecordSigning.Verifies(crypto, accountKey, SignContent.DeviceCertificate, certificate.Body.Span, certificate.AccountSignature.Span)
        && RecordSigning.Verifies(crypto, certificate.DeviceKey, SignContent.DeviceCountersignature, certificate.Body.Span, certificate.DeviceSignature.Span);

    private static (Bytes32 AccountKey, int Count)? FollowRecoveries(ICryptoProvider crypto, Bytes32 id, GenesisRecord genesis, ReadOnlySpan<byte> lists)
    {
        var (key, count, seconds) = (genesis.AccountKey, 0, 0UL);
        var reader = new TlsReader(lists);
        while (reader.HasMore)
        {
            var signed = SignedRecord.Decode(reader.Vector().ToArray());
            var list = DeviceList.Decode(signed.Body.Span);
            if (++count > MostRecoveries || list.Account != id || list.Recovery is not { } mark || mark.UnixSeconds < seconds || !IsByRecoveryKey(crypto, genesis, mark, signed))
                return null;
            (key, seconds) = (list.AccountKey, mark.UnixSeconds);
        }

        return reader.AtEnd ? (key, count) : null;
    }

    private static bool IsByRecoveryKey(ICryptoProvider crypto, GenesisRecord genesis, RecoveryMark mark, SignedRecord signed) =>
        Bytes32.HashOf(mark.RecoveryKey.ToArray()) == genesis.RecoverySignatureKeyHash
        && RecordSigning.Verifies(crypto, mark.RecoveryKey, SignContent.DeviceList, signed);
}
