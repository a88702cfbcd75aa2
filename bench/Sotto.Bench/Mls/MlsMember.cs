using System.Text;
using Sotto.Crypto;
using Sotto.Crypto.Native;
using Sotto.Mls;
using Sotto.Mls.Credentials;
using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Proposals;
using Sotto.Mls.State;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Bench.Mls;

/// <summary>One member of the groups that are measured. It notes how many bytes it stores, and stores them where it is told to.</summary>
internal sealed class MlsMember : IDisposable
{
    private static readonly NativeCryptoProvider Provider = new();
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(20_000);

    private readonly SigningKey _signingKey;
    private readonly MlsClient _client;
    private readonly CipherSuite _suite;
    private readonly Credential _credential;

    public MlsMember(CipherSuite suite, string name)
        : this(suite, _ => Credential.Basic(Encoding.UTF8.GetBytes(name)), new AnyoneIsWelcome())
    {
    }

    public MlsMember(CipherSuite suite, Func<SigningKey, Credential> credential, IAuthenticationService authentication)
    {
        _suite = suite;
        var scheme = new SignatureScheme(Provider, suite.Signature);
        using var key = scheme.GeneratePrivateKey();
        _signingKey = scheme.OpenPrivateKey(key.Bytes);
        _credential = credential(_signingKey);
        _client = new MlsClient(new MlsClientOptions
        {
            IsInGroup = _ => false,
            Provider = Provider,
            Authentication = authentication,
            SignatureKeys = _ => _signingKey,
            Suites = [suite],
            SendGrease = false,
        });
    }

    public MlsGroup Group { get; private set; } = null!;

    /// <summary>Where changes are stored before they are merged; null for nowhere.</summary>
    public StateFile? File { get; set; }

    /// <summary>Bytes of the records that the last operation stored.</summary>
    public long SavedBytes { get; private set; }

    private static Lifetime Lifetime => Lifetime.From(Now, TimeSpan.FromDays(30));

    public KeyPackageKeys NewKeyPackage() => _client.CreateKeyPackage(_suite, new KeyPackageParameters(_signingKey, _credential, Lifetime));

    public void Create(byte[] groupId)
    {
        using var created = _client.CreateGroup(new GroupParameters(_suite, new GroupId(groupId), _signingKey, _credential, Lifetime));
        Merge(created);
        Group = created.Group;
    }

    /// <summary>Reads, checks and adds the others in one commit, and gives commit and Welcome as bytes.</summary>
    public (byte[] Commit, byte[] Welcome) Add(IReadOnlyList<byte[]> keyPackages)
    {
        var verified = _client.Verify([.. keyPackages.Select(bytes => MlsMessage.Decode(bytes).KeyPackage!)], Now);
        var (commit, welcome) = Commit(new CommitParameters { Proposals = [.. verified.Select(keyPackage => new AddProposal(keyPackage))] });
        return (commit, welcome!);
    }

    public (byte[] Commit, byte[]? Welcome) Commit(CommitParameters? parameters = null)
    {
        using var commit = Group.PrepareCommit(parameters, Now);
        Merge(commit);
        var saved = SavedBytes;
        using var merging = Group.PrepareMergeOfPending();
        Merge(merging);
        SavedBytes += saved;
        return (commit.Message.Encoded.ToArray(), commit.Welcome is { } welcome ? MlsMessage.Of(welcome).Encoded.ToArray() : null);
    }

    public void Join(byte[] welcome, KeyPackageKeys keyPackage)
    {
        using var joining = _client.Join(MlsMessage.Decode(welcome).Welcome!, keyPackage);
        Merge(joining);
        Group?.Dispose();
        Group = joining.Group;
    }

    public byte[] Protect(byte[] data)
    {
        using var message = Group.PrepareMessage(data);
        Merge(message);
        return message.Message.Encoded.ToArray();
    }

    public void Receive(byte[] message)
    {
        using var received = Group.Receive(MlsMessage.Decode(message));
        Merge(received);
    }

    /// <summary>A second instance of the group as it is now.</summary>
    public MlsGroup Snapshot()
    {
        using var state = Group.ExportState();
        return _client.Load(state.Saved);
    }

    /// <summary>Goes back to a snapshot, so that an operation can be measured again on the same group.</summary>
    public void Return(MlsGroup snapshot)
    {
        Group.Dispose();
        using var state = snapshot.ExportState();
        Group = _client.Load(state.Saved);
    }

    public void Dispose()
    {
        Group?.Dispose();
        _signingKey.Dispose();
    }

    private void Merge(PreparedChange change)
    {
        SavedBytes = change.Change.Saved.Sum(record => (long)record.Value.Length);
        File?.Store(change.Change);
        change.Merge();
    }

    /// <summary>Credentials cost nothing here: the figures are those of MLS alone.</summary>
    private sealed class AnyoneIsWelcome : IAuthenticationService
    {
        public bool IsValid(CredentialCheck check) => true;

        public bool IsValidSender(ExternalSender sender) => true;

        public ReadOnlyMemory<byte> IdentifyClient(LeafNode leaf) => leaf.SignatureKey;

        public ReadOnlyMemory<byte> IdentifyMember(LeafNode leaf) => leaf.Credential.Encoded;
    }
}
