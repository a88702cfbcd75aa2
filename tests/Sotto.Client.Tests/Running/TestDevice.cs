using Sotto.Client.Accounts;
using Sotto.Client.Conversations;
using Sotto.Crypto;
using Sotto.Mls;
using Sotto.Mls.Credentials;
using Sotto.Mls.Extensions;
using Sotto.Mls.Groups;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Trees;
using Sotto.Wire.Records;

namespace Sotto.Client.Tests.Running;

/// <summary>A device with MLS under it that may do everything, so that tests can make commits which break a rule.</summary>
internal sealed class TestDevice
{
    private static readonly SignatureScheme Scheme = new(TestPerson.Crypto, SignatureAlgorithm.Ed25519);
    private readonly OwnAccount _account;

    private TestDevice(OwnAccount account, SigningKey key, Credential credential)
    {
        (_account, Key, Credential) = (account, key, credential);
        Verifier = new(TestPerson.Crypto);
        Client = new(new()
        {
            Provider = TestPerson.Crypto,
            Authentication = Verifier,
            SignatureKeys = _ => Key,
            IsInGroup = _ => false,
            Policy = OpenPolicy.Instance,
            PreSharedKeys = Psks,
            Suites = [ClientState.Suite],
            Extensions = [.. ConversationExtensions.Extensions, Foreign],
            Proposals = ConversationExtensions.Proposals,
        });
    }

    /// <summary>An extension that conversations do not have.</summary>
    public const ushort Foreign = 0xF5FF;

    public static DateTimeOffset Now { get; } = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    public AccountId Account => _account.Id;

    public OwnAccount Owner => _account;

    public SigningKey Key { get; }

    public Credential Credential { get; }

    public CredentialVerifier Verifier { get; }

    public InvitePreSharedKeys Psks { get; } = new();

    public MlsClient Client { get; }

    /// <summary>The first device of a new account.</summary>
    public static TestDevice Create(string name)
    {
        var account = OwnAccount.Create(TestPerson.Crypto, name);
        return new(account, account.DeviceKey, account.Credential);
    }

    /// <summary>Another device of the same account.</summary>
    public TestDevice Another()
    {
        var key = NewKey();
        return new(_account, key, MemberCredential.Make(_account.Record.Genesis, [], Certify(_account.AccountKey, key)));
    }

    /// <summary>A device of the account after it was taken back with the recovery key, under a new account key.</summary>
    public TestDevice Recovered()
    {
        var (accountKey, device) = (NewKey(), NewKey());
        var certificate = Certify(accountKey, device);
        using var recovery = RecoverySeed.OpenSignatureKey(TestPerson.Crypto, _account.Record.RecoverySeed);
        var body = new DeviceList
        {
            Account = Account.Value,
            Number = 2,
            Predecessor = _account.List.Hash,
            AccountKey = RecordSigning.PublicKeyOf(accountKey),
            Certificates = [],
            Recovery = new(RecordSigning.PublicKeyOf(recovery), 1_000),
        }.EncodeBody([certificate]);
        var list = RecordSigning.Sign(recovery, SignContent.DeviceList, body).Encode();
        return new(_account, device, MemberCredential.Make(_account.Record.Genesis, [list], certificate));
    }

    /// <summary>A leaf that claims another account's genesis, under a certificate of its own.</summary>
    public TestDevice Impersonate(TestDevice victim) =>
        new(_account, Key, MemberCredential.Make(victim._account.Record.Genesis, [], Certify(_account.AccountKey, Key)));

    public KeyPackageKeys NewKeyPackage(params Extension[] more) => Client.CreateKeyPackage(
        ClientState.Suite,
        new(Key, Credential, Lifetime.From(Now, TimeSpan.FromDays(30))) { LeafExtensions = new ExtensionList([LeafExtension, .. more]) });

    public KeyPackageKeys NewBareKeyPackage() => Client.CreateKeyPackage(ClientState.Suite, new(Key, Credential, Lifetime.From(Now, TimeSpan.FromDays(30))));

    public Extension LeafExtension => new LeafInfo(null, _account.List, null).ToExtension();

    private static SigningKey NewKey()
    {
        using var seed = Scheme.GeneratePrivateKey();
        return Scheme.OpenPrivateKey(seed.Bytes);
    }

    private byte[] Certify(SigningKey account, SigningKey device)
    {
        var body = new DeviceCertificate { Account = Account.Value, DeviceKey = RecordSigning.PublicKeyOf(device), Suites = [ClientState.Suite.Id.Value], Rights = DeviceRights.Full }.EncodeBody();
        return DeviceCertificate.Encode(
            body, account.Sign(SignContent.Encode(SignContent.DeviceCertificate, body)), device.Sign(SignContent.Encode(SignContent.DeviceCountersignature, body)));
    }
}
