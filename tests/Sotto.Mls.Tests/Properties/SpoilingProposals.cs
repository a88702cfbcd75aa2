using System.Globalization;
using Sotto.Mls.Credentials;
using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;
using Sotto.Mls.Tests.Groups;
using Sotto.Mls.Tests.Rules;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Tests.Properties;

/// <summary>
/// Proposals that members send by themselves, many of them so that no commit can hold them: each is signed and framed as it
/// should be.
/// </summary>
internal sealed class SpoilingProposals(Random random, Person[] members) : IDisposable
{
    public const ushort KnownToAll = 0xF123;
    public const ushort KnownToSome = 0xF124;

    private readonly List<Person> _strangers = [];

    /// <summary>Who replaced its leaf without keeping the key: when that is committed, it cannot follow.</summary>
    public HashSet<Person> Lost { get; } = [];

    public void Dispose() => _strangers.ForEach(stranger => stranger.Dispose());

    /// <summary>The next one, from any member.</summary>
    public MlsMessage Next()
    {
        var sender = Any(members);
        if (random.Next(8) == 0)
            return sender.ProposeUpdate(parameters: new MessageParameters { Encrypt = false });
        Proposal proposal = random.Next(14) switch
        {
            0 => Add(leaf => leaf),
            1 => Add(leaf => leaf with { EncryptionKey = AnyEncryptionKey() }),
            2 => Add(leaf => leaf with { Capabilities = leaf.Capabilities with { Extensions = [], Proposals = [] } }),
            3 => Add(leaf => leaf with { Lifetime = Lifetime.From(Person.Now.AddDays(random.Next(-40, 10)), TimeSpan.FromDays(20)) }),
            4 => Add(OfAnotherCredential),
            5 => new AddProposal(new RawKeyPackage(Any(members)).Make()),
            6 => Update(sender, leaf => leaf),
            7 => Update(sender, leaf => leaf with { EncryptionKey = AnyEncryptionKey() }),
            8 => Update(sender, random.Next(2) == 0 ? OfAnotherCredential : leaf => leaf with { Capabilities = leaf.Capabilities with { Extensions = [] } }),
            9 => new RemoveProposal(Any(members).Group.OwnIndex),
            10 => new SelfRemoveProposal(),
            11 => new GroupContextExtensionsProposal(AnyExtensions()),
            12 => new PreSharedKeyProposal(new ExternalPskId(new[] { (byte)random.Next(1, 4) }, Enumerable.Repeat((byte)random.Next(2), 32).ToArray())),
            _ => new CustomProposal(random.Next(2) == 0 ? KnownToAll : KnownToSome, new byte[random.Next(4)]),
        };
        return Send(sender, proposal);
    }

    /// <summary>One that can only be committed alone.</summary>
    public MlsMessage ReInit()
    {
        var sender = Any(members);
        return Send(sender, new ReInitProposal(new GroupId(new[] { (byte)random.Next() }), ProtocolVersion.Mls10, sender.Suite.Id, ExtensionList.Empty));
    }

    private static MlsMessage Send(Person sender, Proposal proposal) => new RawMessage(sender.Group, sender.SigningKey).Public(new ProposalBody(proposal));

    private static LeafNodeContent OfAnotherCredential(LeafNodeContent leaf)
    {
        var reader = new TlsReader(new byte[] { 0xF0, 0x01, 0 });
        return leaf with { Credential = Credential.Read(ref reader), Capabilities = leaf.Capabilities with { Credentials = [CredentialTypes.Basic, 0xF001] } };
    }

    /// <summary>Somebody new, or somebody who was added before under a new key package.</summary>
    private AddProposal Add(Func<LeafNodeContent, LeafNodeContent> change)
    {
        if (_strangers.Count == 0 || random.Next(3) > 0)
            _strangers.Add(new Person(_strangers.Count.ToString(CultureInfo.InvariantCulture), extensions: [KnownToAll], proposals: [ProposalTypes.SelfRemove, KnownToAll]));
        return new AddProposal(new RawKeyPackage(Any(_strangers)) { Leaf = change }.Make());
    }

    private UpdateProposal Update(Person sender, Func<LeafNodeContent, LeafNodeContent> change)
    {
        var crypto = sender.Group.Current.Crypto;
        Lost.Add(sender);
        using var key = crypto.Hpke.GeneratePrivateKey();
        var content = change(sender.Group.OwnLeaf.Content with { EncryptionKey = crypto.Hpke.PublicKey(key.Bytes), Source = LeafNodeSource.Update });
        return new UpdateProposal(LeafNode.Sign(content, sender.SigningKey, sender.Group.GroupId, sender.Group.OwnIndex));
    }

    private ExtensionList AnyExtensions() => random.Next(4) switch
    {
        0 => ExtensionList.Empty,
        1 => new ExtensionList([new Extension(KnownToAll, new byte[1])]),
        2 => new ExtensionList([new Extension(KnownToSome, new byte[1])]),
        _ => new ExtensionList([new RequiredCapabilities([], [random.Next(2) == 0 ? KnownToAll : KnownToSome], []).ToExtension()]),
    };

    private ReadOnlyMemory<byte> AnyEncryptionKey()
    {
        var tree = members[0].Group.Current.Tree;
        var keys = tree.Leaves().Select(leaf => leaf.Leaf.EncryptionKey).Concat(tree.Parents().Select(parent => parent.Parent.EncryptionKey)).ToList();
        return keys[random.Next(keys.Count)];
    }

    private T Any<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];
}
