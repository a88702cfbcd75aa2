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
using Sotto.Mls.Schedule;
using Sotto.Mls.State;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Interop.Members;

/// <summary>
/// A member on Sotto.Mls, through its public API alone. It stores every change before it merges it, and is loaded again
/// from what it stored before everything that it does.
/// </summary>
public sealed class SottoMember : Member, IDisposable
{
    /// <summary>KeyPackages of ts-mls have the longest lifetime there is, and its committers look at the real clock.</summary>
    private static readonly Lifetime _always = new(0, long.MaxValue);
    private static readonly DateTimeOffset _now = DateTimeOffset.UnixEpoch.AddDays(1);
    private static readonly NativeCryptoProvider _provider = new();

    private readonly CipherSuite _suite;
    private readonly MlsClient _client;
    private readonly List<SigningKey> _signingKeys = [];
    private readonly Psks _psks = new();
    private readonly Dictionary<StateKey, StateRecord> _stored = [];
    private KeyPackageKeys? _keyPackage;
    private MlsGroup? _group;

    public SottoMember(CipherSuite suite, string name)
        : base(name)
    {
        _suite = suite;
        NewSigningKey();
        _client = new MlsClient(new MlsClientOptions
        {
            IsInGroup = _ => false,
            Provider = _provider,
            Authentication = new TrustingAuthentication(),
            SignatureKeys = key => _signingKeys.Find(own => own.PublicKey.SequenceEqual(key.Span)),
            Policy = OpenPolicy.Instance,
            PreSharedKeys = _psks,
            Suites = [suite],
            Limits = MlsLimits.Default with { KeyPackageLifetime = TimeSpan.MaxValue },
        });
    }

    public override uint Leaf => Group.OwnIndex.Value;

    public override bool IsOut => _group?.Status == GroupStatus.Removed;

    private MlsGroup Group => _group ?? throw new InvalidOperationException($"{Name} is in no group.");

    private SigningKey SigningKey => _signingKeys[^1];

    private BasicCredential Credential => Mls.Credentials.Credential.Basic(Encoding.UTF8.GetBytes(Name));

    public override Task CreateAsync(string groupId) =>
        CreateAsync(new GroupParameters(_suite, ToGroupId(groupId), SigningKey, Credential, _always));

    public override Task<byte[]> NewKeyPackageAsync()
    {
        _keyPackage?.Dispose();
        _keyPackage = _client.CreateKeyPackage(_suite, new KeyPackageParameters(SigningKey, Credential, _always));
        return Task.FromResult(MlsMessage.Of(_keyPackage.KeyPackage).Encoded.ToArray());
    }

    public override Task JoinAsync(Made admission, Member? old = null)
    {
        var welcome = MlsMessage.Decode(admission.Welcome).Welcome!;
        using var joining = _client.Join(welcome, _keyPackage!, admission.Tree, (old as SottoMember)?.Group);
        Enter(joining, () => joining.Group);
        return Task.CompletedTask;
    }

    public override Task<byte[]> JoinFromOutsideAsync(PublicGroup info, bool instead = false)
    {
        var parameters = new ExternalJoinParameters(SigningKey, Credential) { Tree = info.Tree, Replaces = instead ? Group.OwnIndex : null };
        using var joining = _client.JoinExternally(MlsMessage.Decode(info.Info).GroupInfo!, parameters);
        Enter(joining, () => joining.Group);
        return Task.FromResult(joining.Message.Encoded.ToArray());
    }

    public override async Task<byte[]> ProposeOwnAddAsync(PublicGroup info)
    {
        var keyPackage = MlsMessage.Decode(await NewKeyPackageAsync()).KeyPackage!;
        var context = MlsMessage.Decode(info.Info).GroupInfo!.Context;
        return ExternalProposals.ProposeOwnAdd(context, keyPackage, SigningKey).Encoded.ToArray();
    }

    public override Task<byte[]> ProposeAsync(Change change, bool isPublic = false)
    {
        Restart();
        var parameters = new MessageParameters { Encrypt = !isPublic };
        using var prepared = change is UpdateChange
            ? Group.PrepareUpdate(new LeafChange { SigningKey = NewSigningKey() }, parameters)
            : Group.PrepareProposal(ToProposal(change), parameters);
        Store(prepared);
        return Task.FromResult(prepared.Message.Encoded.ToArray());
    }

    public override Task<Made> PrepareCommitAsync(Wish wish)
    {
        Restart();
        using var commit = Group.PrepareCommit(
            new CommitParameters
            {
                Proposals = [.. wish.Changes.Select(ToProposal)],
                Encrypt = !wish.IsPublic,
                IncludeWaitingPsks = true,
                IncludeWaitingReInit = true,
                TreeInWelcome = wish.TreeInWelcome,
                ForcePath = wish.ForcesPath,
                Leaf = wish.ChangesSignatureKey ? new LeafChange { SigningKey = NewSigningKey() } : LeafChange.None,
            },
            _now);
        Store(commit);
        return Task.FromResult(ToMade(commit));
    }

    public override Task MergeAsync()
    {
        Restart();
        using var merging = Group.PrepareMergeOfPending();
        Store(merging);
        return Task.CompletedTask;
    }

    public override Task DropAsync()
    {
        Restart();
        using var dropping = Group.PrepareDropOfPending();
        Store(dropping);
        return Task.CompletedTask;
    }

    public override async Task<(Member Creator, Made Made)> ContinueAsync(string? branch, byte[] keyPackage)
    {
        var creator = new SottoMember(_suite, Name);
        var groupId = branch is null ? Group.ReInit!.GroupId : ToGroupId(branch);
        await creator.CreateAsync(new GroupParameters(_suite, groupId, creator.SigningKey, Credential, _always));
        var usage = branch is null ? ResumptionUsage.ReInit : ResumptionUsage.Branch;
        using var commit = creator.Group.PrepareLinkedCommit(
            Group, usage, new CommitParameters { Proposals = [creator.ToProposal(new AddChange(keyPackage))] }, _now);
        creator.Store(commit);
        await creator.MergeAsync();
        return (creator, ToMade(commit));
    }

    public override Task ReceiveAsync(byte[] message)
    {
        Restart();
        using var received = Group.Receive(MlsMessage.Decode(message));
        Assert.IsNotType<ReceivedApplication>(received);
        Store(received);
        return Task.CompletedTask;
    }

    public override Task<byte[]> SayAsync(string text)
    {
        Restart();
        using var message = Group.PrepareMessage(Encoding.UTF8.GetBytes(text));
        Store(message);
        return Task.FromResult(message.Message.Encoded.ToArray());
    }

    public override Task<string> ReadAsync(byte[] message)
    {
        Restart();
        using var received = Assert.IsType<ReceivedApplication>(Group.Receive(MlsMessage.Decode(message)));
        Store(received);
        return Task.FromResult(Encoding.UTF8.GetString(received.Data.Span));
    }

    public override Task<bool> RefusesAsync(byte[] message)
    {
        try
        {
            using var received = Group.Receive(MlsMessage.Decode(message));
            return Task.FromResult(false);
        }
        catch (MlsException)
        {
            return Task.FromResult(true);
        }
    }

    public override Task<PublicGroup> DescribeAsync(bool withTree = true) =>
        Task.FromResult(new PublicGroup(MlsMessage.Of(Group.MakeGroupInfo(withTree)).Encoded.ToArray(), withTree ? null : Group.EncodeTree()));

    public override Task KnowPskAsync(string id, byte[] psk)
    {
        _psks.External[id] = psk;
        return Task.CompletedTask;
    }

    public override Task<View> ViewAsync()
    {
        using var exported = Group.Export("interop"u8, "context"u8, 40);
        var names = Group.Members.Select(member => $"{member.Index} {Encoding.UTF8.GetString(((BasicCredential)member.Leaf.Credential).Identity.Span)}");
        return Task.FromResult(new View(
            Group.Epoch.Value, Convert.ToHexStringLower(Group.EpochAuthenticator.Span), Convert.ToHexStringLower(exported.Bytes),
            Convert.ToHexStringLower(Group.EncodeTree()), string.Join(", ", names)));
    }

    public void Dispose()
    {
        _group?.Dispose();
        _keyPackage?.Dispose();
        _signingKeys.ForEach(key => key.Dispose());
    }

    private Task CreateAsync(GroupParameters parameters)
    {
        using var created = _client.CreateGroup(parameters);
        Enter(created, () => created.Group);
        return Task.CompletedTask;
    }

    private SigningKey NewSigningKey()
    {
        var scheme = new SignatureScheme(_provider, _suite.Signature);
        using var key = scheme.GeneratePrivateKey();
        _signingKeys.Add(scheme.OpenPrivateKey(key.Bytes));
        return SigningKey;
    }

    private Proposal ToProposal(Change change) => change switch
    {
        AddChange add => new AddProposal(_client.Verify(MlsMessage.Decode(add.KeyPackage).KeyPackage!, _now)),
        RemoveChange remove => new RemoveProposal(new LeafIndex(remove.Leaf)),
        PskChange psk => new PreSharedKeyProposal(new ExternalPskId(Encoding.UTF8.GetBytes(psk.Id))),
        ResumptionChange resumption => new PreSharedKeyProposal(
            new ResumptionPskId(ResumptionUsage.Application, Group.GroupId, new Epoch(resumption.Epoch ?? Group.Epoch.Value))),
        RequireBasicCredentialsChange => new GroupContextExtensionsProposal(
            new ExtensionList([new RequiredCapabilities([], [], [CredentialTypes.Basic]).ToExtension()])),
        ReInitChange reInit => new ReInitProposal(ToGroupId(reInit.GroupId), ProtocolVersion.Mls10, _suite.Id, ExtensionList.Empty),
        _ => throw new NotSupportedException($"Not a proposal by value: {change}."),
    };

    private void Enter(PreparedChange prepared, Func<MlsGroup> group)
    {
        _stored.Clear();
        Store(prepared);
        _group?.Dispose();
        _group = group();
    }

    private void Store(PreparedChange prepared)
    {
        foreach (var key in prepared.Change.Deleted)
            _stored.Remove(key);
        foreach (var record in prepared.Change.Saved)
            _stored[record.Key] = new StateRecord(record.Key, [.. record.Value]);
        prepared.Merge();
    }

    private void Restart()
    {
        Group.Dispose();
        _group = _client.Load(_stored.Values);
    }

    private static Made ToMade(PreparedCommit commit) =>
        new(commit.Message.Encoded.ToArray(), commit.Welcome is { } welcome ? MlsMessage.Of(welcome).Encoded.ToArray() : null, null);

    private static GroupId ToGroupId(string name) => new(Encoding.UTF8.GetBytes(name));

    private sealed class Psks : IPreSharedKeys
    {
        public Dictionary<string, byte[]> External { get; } = [];

        public Secret? FindExternal(ReadOnlyMemory<byte> id) =>
            External.TryGetValue(Encoding.UTF8.GetString(id.Span), out var psk) ? Secret.CopyOf(psk) : null;

        public Secret? FindResumption(GroupId group, Epoch epoch) => null;
    }
}
