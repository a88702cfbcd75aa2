using Sotto.Mls.Credentials;
using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Proposals;
using Sotto.Mls.State;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Tests.Groups;

/// <summary>
/// A client with its storage: everything that it does is stored before it is merged, and it can be started again from what
/// is stored at any time.
/// </summary>
internal sealed class Person : IDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<StateKey, byte[]> _stored = [];
    private readonly List<SigningKey> _signingKeys = [];

    public Person(string name, CipherSuite? suite = null, IGroupPolicy? policy = null, MlsLimits? limits = null, IAuthenticationService? authentication = null,
        IReadOnlyList<ushort>? extensions = null, IReadOnlyList<ushort>? proposals = null, Func<GroupId, bool>? isInGroup = null, ICryptoProvider? provider = null, IReadOnlyList<ushort>? credentials = null)
    {
        Name = name;
        Suite = suite ?? CipherSuite.X25519Aes128Sha256Ed25519;
        NewSigningKey();
        Options = new MlsClientOptions
        {
            Provider = provider ?? TestSuites.Provider,
            Authentication = authentication ?? new TrustingAuthentication(),
            SignatureKeys = key => _signingKeys.Find(own => own.PublicKey.SequenceEqual(key.Span)),
            Policy = policy ?? OpenPolicy.Instance,
            PreSharedKeys = Psks,
            Suites = [Suite, .. CipherSuite.All.Where(other => other.Id != Suite.Id)],
            Extensions = extensions ?? [],
            Proposals = proposals ?? [ProposalTypes.SelfRemove],
            Credentials = credentials ?? [CredentialTypes.Basic],
            Limits = limits ?? MlsLimits.Default,
            IsInGroup = isInGroup ?? (_ => false),
        };
        Client = new MlsClient(Options);
    }

    public string Name { get; }

    public CipherSuite Suite { get; }

    public MlsClientOptions Options { get; }

    public MlsClient Client { get; }

    public PskTable Psks { get; } = new();

    public SigningKey SigningKey => _signingKeys[^1];

    public BasicCredential Credential => Mls.Credentials.Credential.Basic(System.Text.Encoding.UTF8.GetBytes(Name));

    /// <summary>The group that this person is in.</summary>
    public MlsGroup Group { get; private set; } = null!;

    public static Lifetime Lifetime => Lifetime.From(Now, TimeSpan.FromDays(30));

    public SigningKey NewSigningKey()
    {
        var scheme = TestSuites.Crypto(Suite).Signatures;
        using var key = scheme.GeneratePrivateKey();
        _signingKeys.Add(scheme.OpenPrivateKey(key.Bytes));
        return SigningKey;
    }

    public KeyPackageKeys NewKeyPackage() => Client.CreateKeyPackage(Suite, new KeyPackageParameters(SigningKey, Credential, Lifetime));

    public void Create(ExtensionList? extensions = null, string groupId = "group")
    {
        var parameters = new GroupParameters(Suite, new GroupId(System.Text.Encoding.UTF8.GetBytes(groupId)), SigningKey, Credential, Lifetime)
        {
            Extensions = extensions ?? ExtensionList.Empty,
        };
        using var created = Client.CreateGroup(parameters);
        Store(created);
        Group = created.Group;
    }

    public void Join(Welcome welcome, KeyPackageKeys keyPackage, ReadOnlyMemory<byte>? tree = null, MlsGroup? linked = null)
    {
        using var joining = Client.Join(MlsMessage.Decode(MlsMessage.Of(welcome).Encoded.Span).Welcome!, keyPackage, tree, linked);
        _stored.Clear();
        Store(joining);
        Group = joining.Group;
    }

    public MlsMessage JoinExternally(GroupInfo info, ExternalJoinParameters? parameters = null)
    {
        using var joining = Client.JoinExternally(MlsMessage.Decode(MlsMessage.Of(info).Encoded.Span).GroupInfo!, parameters ?? new ExternalJoinParameters(SigningKey, Credential));
        _stored.Clear();
        Store(joining);
        Group = joining.Group;
        return Sent(joining.Message);
    }

    public AddProposal AddOf(Person other, KeyPackageKeys keyPackage) => new(Client.Verify(KeyPackage.Decode(keyPackage.KeyPackage.Encoded.Span), Now));

    /// <summary>Makes a commit and enters its epoch at once, as when the delivery service accepts it.</summary>
    public (MlsMessage Commit, Welcome? Welcome) Commit(CommitParameters? parameters = null)
    {
        var made = PrepareCommit(parameters);
        MergePending();
        return made;
    }

    public (MlsMessage Commit, Welcome? Welcome) PrepareCommit(CommitParameters? parameters = null)
    {
        using var commit = Group.PrepareCommit(parameters, Now);
        Store(commit);
        return (Sent(commit.Message), commit.Welcome);
    }

    public Welcome CommitLinked(MlsGroup old, Schedule.ResumptionUsage usage, params Proposal[] proposals)
    {
        using var commit = Group.PrepareLinkedCommit(old, usage, new CommitParameters { Proposals = proposals }, Now);
        Store(commit);
        MergePending();
        return commit.Welcome!;
    }

    public (MlsMessage Commit, Welcome? Welcome) Add(params (Person Person, KeyPackageKeys Keys)[] others) =>
        Commit(new CommitParameters { Proposals = [.. others.Select(other => AddOf(other.Person, other.Keys))] });

    public void MergePending()
    {
        using var merging = Group.PrepareMergeOfPending();
        Store(merging);
    }

    public void DropPending()
    {
        using var dropping = Group.PrepareDropOfPending();
        Store(dropping);
    }

    public MlsMessage Say(string text, MessageParameters? parameters = null)
    {
        using var message = Group.PrepareMessage(System.Text.Encoding.UTF8.GetBytes(text), parameters);
        Store(message);
        return Sent(message.Message);
    }

    public MlsMessage Propose(Proposal proposal, MessageParameters? parameters = null)
    {
        using var message = Group.PrepareProposal(proposal, parameters);
        Store(message);
        return Sent(message.Message);
    }

    public MlsMessage ProposeUpdate(LeafChange? change = null, MessageParameters? parameters = null)
    {
        using var message = Group.PrepareUpdate(change, parameters);
        Store(message);
        return Sent(message.Message);
    }

    public T Receive<T>(MlsMessage message)
        where T : ReceivedMessage
    {
        using var received = Assert.IsType<T>(Group.Receive(message));
        Store(received);
        return received;
    }

    public string Read(MlsMessage message) => System.Text.Encoding.UTF8.GetString(Receive<ReceivedApplication>(message).Data.Span);

    /// <summary>Ends the group in memory and loads it from what is stored.</summary>
    public void Restart()
    {
        Group.Dispose();
        Group = Client.Load(_stored.Select(record => new StateRecord(record.Key, record.Value.ToArray())));
    }

    /// <summary>A hash of everything that the group holds.</summary>
    public string StateHash() => StateHash(Group);

    /// <summary>The records that are stored in another way than the group holds them; there should be none.</summary>
    public List<StateKey> RecordsThatDiffer()
    {
        using var state = Group.ExportState();
        var held = state.Saved.ToDictionary(record => record.Key, record => record.Value);
        return
        [
            .. held.Where(record => !_stored.TryGetValue(record.Key, out var value) || !value.AsSpan().SequenceEqual(record.Value)).Select(record => record.Key),
            .. _stored.Keys.Except(held.Keys),
        ];
    }

    public static string StateHash(MlsGroup group)
    {
        using var state = group.ExportState();
        var writer = new TlsWriter();
        foreach (var record in state.Saved.OrderBy(record => record.Key.Kind).ThenBy(record => record.Key.Epoch).ThenBy(record => record.Key.Index))
        {
            record.Key.Write(writer);
            writer.WriteVector(record.Value);
        }

        return Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(writer.Written));
    }

    public void Dispose()
    {
        Group?.Dispose();
        _signingKeys.ForEach(key => key.Dispose());
    }

    private void Store(PreparedChange change)
    {
        foreach (var key in change.Change.Deleted)
            _stored.Remove(key);
        foreach (var record in change.Change.Saved)
            _stored[record.Key] = record.Value.ToArray();
        change.Merge();
    }

    /// <summary>What crosses between people crosses as bytes.</summary>
    private static MlsMessage Sent(MlsMessage message) => MlsMessage.Decode(message.Encoded.Span);
}
