using System.Text;
using Sotto.Mls.Credentials;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;
using Sotto.Mls.State;
using Sotto.Mls.Tests.Groups;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Tests.Properties;

/// <summary>
/// A client with its storage in a random run. Every operation may be given up before it is stored, or lose its memory
/// after it was stored and before it was merged.
/// </summary>
internal sealed class Device : IDisposable
{
    private readonly Dictionary<StateKey, byte[]> _stored = [];
    private readonly List<SigningKey> _signingKeys = [];
    private readonly List<KeyPackageKeys> _keyPackages = [];
    private readonly NotingProvider _provider;
    private readonly SignatureScheme _signatures;
    private readonly CipherSuite _suite;
    private readonly MlsClient _client;

    public Device(string name, CipherSuite suite, NotingProvider provider, IPreSharedKeys psks)
    {
        (Name, _suite, _provider) = (name, suite, provider);
        _signatures = new SignatureScheme(provider, suite.Signature);
        NewSigningKey();
        _client = new MlsClient(new MlsClientOptions
        {
            IsInGroup = _ => false,
            Provider = provider,
            Authentication = new TrustingAuthentication(),
            SignatureKeys = key => _signingKeys.Find(own => own.PublicKey.SequenceEqual(key.Span)),
            Policy = OpenPolicy.Instance,
            PreSharedKeys = psks,
            Suites = [suite],
            Proposals = [ProposalTypes.SelfRemove],
        });
    }

    public string Name { get; }

    public MlsGroup? Group { get; private set; }

    /// <summary>How many entries of the delivery service's log this device went past.</summary>
    public int Cursor { get; set; }

    /// <summary>Entries of the log that were taken before their turn.</summary>
    public HashSet<int> TakenEarly { get; } = [];

    /// <summary>The epoch in which it joined.</summary>
    public ulong Joined { get; private set; }

    /// <summary>Texts that it read, by number.</summary>
    public HashSet<int> Read { get; } = [];

    /// <summary>A commit that waits at the delivery service's door, or was handed out and not heard of yet.</summary>
    public (MlsMessage Commit, Welcome? Welcome)? Unposted { get; set; }

    public bool IsActive => Group?.Status == GroupStatus.Active;

    private BasicCredential Credential => Mls.Credentials.Credential.Basic(Encoding.UTF8.GetBytes(Name));

    public SigningKey NewSigningKey()
    {
        using var key = _signatures.GeneratePrivateKey();
        _signingKeys.Add(_signatures.OpenPrivateKey(key.Bytes));
        return _signingKeys[^1];
    }

    public KeyPackage NewKeyPackage()
    {
        var keys = _client.CreateKeyPackage(_suite, new KeyPackageParameters(_signingKeys[^1], Credential, Person.Lifetime));
        _keyPackages.Add(keys);
        return keys.KeyPackage;
    }

    public AddProposal AddOf(Device other) => new(_client.Verify(KeyPackage.Decode(other.NewKeyPackage().Encoded.Span), Person.Now));

    public void Create(string groupId)
    {
        using var created = _client.CreateGroup(new GroupParameters(
            _suite, new GroupId(Encoding.UTF8.GetBytes(groupId)), _signingKeys[^1], Credential, Person.Lifetime));
        Enter(created, () => created.Group);
    }

    public bool IsInvitedBy(Welcome welcome) => KeysFor(welcome) is not null;

    public void Join(Welcome welcome, MlsGroup? linked = null)
    {
        var decoded = MlsMessage.Decode(MlsMessage.Of(welcome).Encoded.Span).Welcome!;
        using var joining = _client.Join(decoded, KeysFor(welcome)!, linked: linked);
        Enter(joining, () => joining.Group);
    }

    /// <summary>Joins by an external commit; in place of the own leaf when it is still a member.</summary>
    public MlsMessage JoinFromOutside(GroupInfo info, LeafIndex? instead, IReadOnlyList<MlsMessage> selfRemoves, bool withPsk)
    {
        _provider.Begin();
        var parameters = new ExternalJoinParameters(NewSigningKey(), Credential)
        {
            Replaces = instead,
            SelfRemoves = selfRemoves,
            Psks = withPsk ? [new ExternalPskId(RandomRun.PskId)] : [],
        };
        using var joining = _client.JoinExternally(MlsMessage.Decode(MlsMessage.Of(info).Encoded.Span).GroupInfo!, parameters);
        Enter(joining, () => joining.Group);
        _provider.Release();
        return Sent(joining.Message);
    }

    /// <summary>Does something; null when it was given up or the memory was lost before the result was known.</summary>
    public TResult? Do<TChange, TResult>(Func<MlsGroup, TChange> prepare, Func<TChange, TResult> result, Mishap mishap)
        where TChange : PreparedChange
        where TResult : class
    {
        var before = Person.StateHash(Group!);
        _provider.Begin();
        using var prepared = prepare(Group!);
        Assert.Equal(before, Person.StateHash(Group!));
        if (mishap == Mishap.GivenUp)
        {
            prepared.Dispose();
            Assert.Equal(before, Person.StateHash(Group!));
            return null;
        }

        Store(prepared.Change);
        if (mishap == Mishap.MemoryLost)
        {
            prepared.Dispose();
            Restart();
            return null;
        }

        prepared.Merge();
        return result(prepared);
    }

    /// <summary>What a merged operation made leaves the device.</summary>
    public MlsMessage Release(MlsMessage message)
    {
        _provider.Release();
        return Sent(message);
    }

    /// <summary>A message that must be refused, with nothing changed by it.</summary>
    public MlsRule Refuse(MlsMessage message)
    {
        var before = Person.StateHash(Group!);
        var refused = Assert.Throws<MlsException>(() => Group!.Receive(message).Dispose());
        Assert.Equal(before, Person.StateHash(Group!));
        return refused.Rule;
    }

    public void Restart()
    {
        Group!.Dispose();
        Group = _stored.Count == 0 ? null : _client.Load(CopyStored());
    }

    /// <summary>What somebody would get who copied the storage now.</summary>
    public IReadOnlyList<StateRecord> CopyStored() => [.. _stored.Select(record => new StateRecord(record.Key, [.. record.Value]))];

    /// <summary>A group from a copy of the storage. The caller disposes it.</summary>
    public MlsGroup LoadApart(IReadOnlyList<StateRecord> copy) => _client.Load(copy);

    public void Leave()
    {
        Group?.Dispose();
        Group = null;
        _stored.Clear();
    }

    /// <summary>What is stored is what memory holds, and the private keys are those of the tree.</summary>
    public void RequireWhole()
    {
        using var state = Group!.ExportState();
        Assert.Equal(_stored.Count, state.Saved.Count);
        Assert.All(state.Saved, record => Assert.True(
            _stored.TryGetValue(record.Key, out var value) && value.AsSpan().SequenceEqual(record.Value), $"{record.Key} is stored in another way."));
        if (Group.Status != GroupStatus.Removed)
            Assert.True(Group.Current.PrivateKeys.Fit(Group.Current.Crypto, Group.Current.Tree), "A private key does not fit.");
    }

    public void Dispose()
    {
        Group?.Dispose();
        _signingKeys.ForEach(key => key.Dispose());
        _keyPackages.ForEach(keys => keys.Dispose());
    }

    private KeyPackageKeys? KeysFor(Welcome welcome) => _keyPackages.Find(keys =>
        welcome.Secrets.Any(secrets => secrets.NewMember.Span.SequenceEqual(keys.KeyPackage.Reference(TestSuites.Crypto(_suite)))));

    private void Enter(PreparedChange prepared, Func<MlsGroup> group)
    {
        Leave();
        Store(prepared.Change);
        prepared.Merge();
        Group = group();
        Joined = Group.Epoch.Value;
        Unposted = null;
        TakenEarly.Clear();
        Read.Clear();
    }

    private void Store(StateChange change)
    {
        foreach (var key in change.Deleted)
            _stored.Remove(key);
        foreach (var record in change.Saved)
            _stored[record.Key] = [.. record.Value];
    }

    /// <summary>What crosses between devices crosses as bytes.</summary>
    private static MlsMessage Sent(MlsMessage message) => MlsMessage.Decode(message.Encoded.Span);
}

/// <summary>What happens to an operation on its way.</summary>
internal enum Mishap
{
    None,
    GivenUp,
    MemoryLost,
}
