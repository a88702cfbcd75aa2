using Sotto.Crypto;
using Sotto.Mls.Credentials;
using Sotto.Mls.Suites;
using Sotto.Wire;
using Sotto.Wire.Records;

namespace Sotto.Client.Accounts;

/// <summary>The account of this profile and the keys of this device. It owns the keys and disposes them.</summary>
internal sealed class OwnAccount : IDisposable
{
    private OwnAccount(ICryptoProvider crypto, AccountRecord record)
    {
        Record = record;
        var scheme = new SignatureScheme(crypto, SignatureAlgorithm.Ed25519);
        AccountKey = scheme.OpenPrivateKey(record.AccountSeed);
        DeviceKey = scheme.OpenPrivateKey(record.DeviceSeed);
        Id = new(GenesisRecord.AccountIdOf(record.Genesis));
        Device = RecordSigning.PublicKeyOf(DeviceKey);
        var newest = SignedRecord.Decode(record.Lists[^1]);
        List = new(DeviceList.Decode(newest.Body.Span).Number, newest.Hash);
        Credential = MemberCredential.Make(record.Genesis, [], record.Certificate);
    }

    public AccountRecord Record { get; }

    public AccountId Id { get; }

    /// <summary>This device's public key.</summary>
    public Bytes32 Device { get; }

    public SigningKey AccountKey { get; }

    public SigningKey DeviceKey { get; }

    /// <summary>The newest device list.</summary>
    public ListReference List { get; }

    /// <summary>What this device's leaves carry.</summary>
    public Credential Credential { get; }

    public string Name => Record.Name;

    public static OwnAccount Open(ICryptoProvider crypto, AccountRecord record) => new(crypto, record);

    /// <summary>A new account with this device alone.</summary>
    public static OwnAccount Create(ICryptoProvider crypto, string name)
    {
        RequireName(name);
        var (accountSeed, deviceSeed, recoverySeed) = (Fresh.Bytes(crypto, 32), Fresh.Bytes(crypto, 32), Fresh.Bytes(crypto, RecoverySeed.Length));
        var scheme = new SignatureScheme(crypto, SignatureAlgorithm.Ed25519);
        using var accountKey = scheme.OpenPrivateKey(accountSeed);
        using var deviceKey = scheme.OpenPrivateKey(deviceSeed);
        var genesis = new GenesisRecord(
            RecordSigning.PublicKeyOf(accountKey), RecoverySeed.SignatureKeyHash(crypto, recoverySeed), RecoverySeed.SealingKeyHash(crypto, recoverySeed)).Encode();
        var id = GenesisRecord.AccountIdOf(genesis);
        var certificate = Certify(id, accountKey, deviceKey);
        var list = FirstList(id, accountKey, certificate);
        return new(crypto, new(genesis, accountSeed, deviceSeed, [list.Encode()], certificate, name, 0, recoverySeed));
    }

    /// <summary>Refuses a name that others could not show.</summary>
    /// <exception cref="ClientException">It is empty or too long.</exception>
    public static void RequireName(string name)
    {
        if (string.IsNullOrWhiteSpace(name) || System.Text.Encoding.UTF8.GetByteCount(name) > Profile.MaxName)
            throw new ClientException(ClientFailure.TooLong, $"A name has 1 to {Profile.MaxName} bytes.");
    }

    public void Dispose()
    {
        AccountKey.Dispose();
        DeviceKey.Dispose();
    }

    private static byte[] Certify(Bytes32 id, SigningKey account, SigningKey device)
    {
        var body = new DeviceCertificate
        {
            Account = id,
            DeviceKey = RecordSigning.PublicKeyOf(device),
            Suites = [CipherSuite.XWingAes256Sha384Ed25519.Id.Value],
            Rights = DeviceRights.Full,
        }.EncodeBody();
        return DeviceCertificate.Encode(
            body,
            account.Sign(SignContent.Encode(SignContent.DeviceCertificate, body)),
            device.Sign(SignContent.Encode(SignContent.DeviceCountersignature, body)));
    }

    private static SignedRecord FirstList(Bytes32 id, SigningKey account, byte[] certificate)
    {
        var list = new DeviceList { Account = id, Number = 1, Predecessor = default, AccountKey = RecordSigning.PublicKeyOf(account), Certificates = [] };
        return RecordSigning.Sign(account, SignContent.DeviceList, list.EncodeBody([certificate]));
    }
}

/// <summary>Which device list a device had seen of its own account.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Hash">H of its body.</param>
internal readonly record struct ListReference(ulong Number, Bytes32 Hash);
