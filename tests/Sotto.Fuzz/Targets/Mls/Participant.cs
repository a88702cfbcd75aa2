using System.Text;
using Sotto.Crypto;
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

namespace Sotto.Fuzz.Targets.Mls;

/// <summary>A client of the scene, and the group as it sees it.</summary>
internal sealed class Participant
{
    public static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(60);

    public Participant(ICryptoProvider provider, string name)
    {
        var scheme = new SignatureScheme(provider, SignatureAlgorithm.Ed25519);
        using var key = scheme.GeneratePrivateKey();
        SigningKey = scheme.OpenPrivateKey(key.Bytes);
        Credential = Sotto.Mls.Credentials.Credential.Basic(Encoding.UTF8.GetBytes(name));
        Options = new MlsClientOptions
        {
            IsInGroup = _ => false,
            Provider = provider,
            Authentication = new TrustingAuthentication(),
            SignatureKeys = wanted => SigningKey.PublicKey.SequenceEqual(wanted.Span) ? SigningKey : null,
            Policy = OpenPolicy.Instance,
            PreSharedKeys = new OnePsk(),
            Suites = [CipherSuite.X25519Aes128Sha256Ed25519],
            Proposals = [ProposalTypes.SelfRemove],
        };
        Client = new MlsClient(Options);
    }

    public SigningKey SigningKey { get; }

    public Credential Credential { get; }

    public MlsClientOptions Options { get; }

    public MlsClient Client { get; }

    public MlsGroup Group { get; private set; } = null!;

    public KeyPackageKeys NewKeyPackage() => Client.CreateKeyPackage(
        CipherSuite.X25519Aes128Sha256Ed25519, new KeyPackageParameters(SigningKey, Credential, Lifetime.From(Now, TimeSpan.FromDays(30))));

    public AddProposal AddOf(KeyPackageKeys keys) => new(Client.Verify(keys.KeyPackage, Now));

    public void Create(ExtensionList extensions)
    {
        var parameters = new GroupParameters(
            CipherSuite.X25519Aes128Sha256Ed25519, new GroupId("scene"u8.ToArray()), SigningKey, Credential, Lifetime.From(Now, TimeSpan.FromDays(30)))
        {
            Extensions = extensions,
        };
        Group = Merged(Client.CreateGroup(parameters)).Group;
    }

    public void Join(Welcome welcome, KeyPackageKeys keys) => Group = Merged(Client.Join(welcome, keys)).Group;

    public MlsMessage Propose(Proposal proposal, bool encrypt = true) => Merged(Group.PrepareProposal(proposal, Framed(encrypt))).Message;

    public MlsMessage ProposeUpdate(bool encrypt = true) => Merged(Group.PrepareUpdate(null, Framed(encrypt))).Message;

    public MlsMessage Say(string text) => Merged(Group.PrepareMessage(Encoding.UTF8.GetBytes(text))).Message;

    public (MlsMessage Message, Welcome? Welcome) Commit(CommitParameters parameters)
    {
        var commit = Merged(Group.PrepareCommit(parameters, Now));
        Merged(Group.PrepareMergeOfPending());
        return (commit.Message, commit.Welcome);
    }

    /// <summary>A commit that the delivery service will not take: the group stays in its epoch.</summary>
    public (MlsMessage Message, Welcome? Welcome) CommitInVain(CommitParameters parameters)
    {
        var commit = Merged(Group.PrepareCommit(parameters, Now));
        Merged(Group.PrepareDropOfPending());
        return (commit.Message, commit.Welcome);
    }

    public void Receive(MlsMessage message) => Merged(Group.Receive(message));

    /// <summary>This client again, as its storage has it.</summary>
    public Participant Restarted()
    {
        using var state = Group.ExportState();
        var copy = (Participant)MemberwiseClone();
        copy.Group = Client.Load(state.Saved.Select(record => new StateRecord(record.Key, [.. record.Value])));
        return copy;
    }

    private static MessageParameters Framed(bool encrypt) => new() { Encrypt = encrypt };

    private static T Merged<T>(T prepared)
        where T : PreparedChange
    {
        prepared.Merge();
        return prepared;
    }

    /// <summary>Everybody knows the key with the one-byte name 7.</summary>
    private sealed class OnePsk : IPreSharedKeys
    {
        public Secret? FindExternal(ReadOnlyMemory<byte> id) => id.Span.SequenceEqual((ReadOnlySpan<byte>)[7]) ? Secret.CopyOf(new byte[32]) : null;

        public Secret? FindResumption(GroupId group, Epoch epoch) => null;
    }
}
