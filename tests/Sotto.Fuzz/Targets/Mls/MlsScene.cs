using Sotto.Crypto;
using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Fuzz.Targets.Mls;

/// <summary>
/// A small group in suite 1 with what trees can have: set and blank parents, a blank leaf, an unmerged leaf, past epochs.
/// Always the same for the same library. Nothing in it is ever merged again.
/// </summary>
internal sealed class MlsScene
{
    private static readonly Lazy<MlsScene> _instance = new(() => new MlsScene());

    private readonly FixedRandom _random = new(20);

    private MlsScene()
    {
        Provider = _random.Provider();
        Crypto = new SuiteCrypto(Provider, CipherSuite.X25519Aes128Sha256Ed25519);
        (Alice, Bob, Charlie, Dave, Erin, Outsider) = (New("Alice"), New("Bob"), New("Charlie"), New("Dave"), New("Erin"), New("Outsider"));
        Alice.Create(new ExtensionList([ExternalSender.ToExtension([new ExternalSender(Outsider.SigningKey.PublicKey.ToArray(), Outsider.Credential)])]));
        Add(Alice, Bob);
        Add(Bob, Charlie, Alice);
        Add(Alice, Dave, Bob, Charlie);
        Deliver(Bob.Commit(new()).Message, Alice, Charlie, Dave);
        Deliver(Dave.Commit(new()).Message, Alice, Bob, Charlie);
        Deliver(Alice.Commit(new() { Proposals = [new RemoveProposal(Charlie.Group.OwnIndex)] }).Message, Bob, Dave);
        Add(Dave, Erin, Alice, Bob);
        Deliver(Alice.Commit(new()).Message, Bob, Dave, Erin);
        Add(Alice, Charlie, Bob, Dave, Erin);
        Alice.Receive(Bob.Say("before"));
        OutsiderKeys = Outsider.NewKeyPackage();
        BobState = GroupState.HashOf(Bob.Group);
    }

    public static MlsScene Instance => _instance.Value;

    public ICryptoProvider Provider { get; }

    public SuiteCrypto Crypto { get; }

    /// <summary>A member that sends whatever the input says, with right keys.</summary>
    public Participant Alice { get; }

    /// <summary>The member that must stand it.</summary>
    public Participant Bob { get; }

    public Participant Charlie { get; }

    public Participant Dave { get; }

    public Participant Erin { get; }

    /// <summary>Nobody's member yet; also the group's external sender.</summary>
    public Participant Outsider { get; }

    public KeyPackageKeys OutsiderKeys { get; }

    /// <summary>What Bob holds, whatever was refused.</summary>
    public string BobState { get; }

    /// <summary>The signature key of a leaf, when it is one of the scene's.</summary>
    public SigningKey? KeyOf(LeafNode leaf) =>
        new[] { Alice, Bob, Charlie, Dave, Erin, Outsider }.FirstOrDefault(one => leaf.SignatureKey.Span.SequenceEqual(one.SigningKey.PublicKey))?.SigningKey;

    /// <summary>Makes a run independent of the ones before it.</summary>
    public void Restart() => _random.Restart(1);

    /// <summary>A PSK proposal that everybody can follow.</summary>
    public static PreSharedKeyProposal KnownPsk => new(new ExternalPskId(new byte[] { 7 }, new byte[32]));

    private Participant New(string name) => new(Provider, name);

    private static void Add(Participant adder, Participant added, params Participant[] others)
    {
        using var keys = added.NewKeyPackage();
        var (message, welcome) = adder.Commit(new CommitParameters { Proposals = [adder.AddOf(keys)] });
        Deliver(message, others);
        added.Join(welcome!, keys);
    }

    private static void Deliver(MlsMessage message, params Participant[] receivers)
    {
        foreach (var receiver in receivers)
            receiver.Receive(message);
    }
}
