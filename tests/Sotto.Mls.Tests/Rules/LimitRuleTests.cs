using Sotto.Mls.Credentials;
using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Proposals;
using Sotto.Mls.Tests.Groups;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Tests.Rules;

/// <summary>Lists whose length decides what a message costs to check or to keep.</summary>
public sealed class LimitRuleTests : RuleTest
{
    [Theory]
    [InlineData("cipher suites")]
    [InlineData("extensions")]
    [InlineData("proposals")]
    [InlineData("credentials")]
    [Trait("Rule", nameof(MlsRule.CapabilityCount))]
    public void A_path_whose_leaf_lists_too_many_capabilities_is_refused(string kind) => Refuses(MlsRule.CapabilityCount, Bob, broken => new RawCommit(Alice.Group, Alice)
    {
        Leaf = leaf => leaf with { Capabilities = With(leaf.Capabilities, kind, Capabilities.MostInList + (broken ? 1 : 0)) },
    }.Make());

    [Theory]
    [InlineData("extensions")]
    [InlineData("proposals")]
    [InlineData("credentials")]
    [Trait("Rule", nameof(MlsRule.CapabilityCount))]
    public void A_group_that_requires_too_many_capabilities_is_refused(string kind) => Refuses(MlsRule.CapabilityCount, Bob, broken =>
    {
        ushort[] many = [.. Enumerable.Repeat((ushort)1, Capabilities.MostInList + (broken ? 1 : 0))];
        var required = kind switch
        {
            "extensions" => new RequiredCapabilities(many, [], []),
            "proposals" => new RequiredCapabilities([], many, []),
            _ => new RequiredCapabilities([], [], many),
        };
        return new RawCommit(Alice.Group, Alice) { Proposals = [new GroupContextExtensionsProposal(new ExtensionList([required.ToExtension()]))] }.Make();
    });

    [Fact]
    [Trait("Rule", nameof(MlsRule.CapabilityCount))]
    public void A_group_that_requires_too_many_capabilities_is_not_joined()
    {
        var dave = New("Dave");
        var keys = KeyPackageOf(dave);
        var (_, welcome) = Alice.Add((dave, keys));
        MlsMessage Make(int count)
        {
            var raw = new RawWelcome(Alice, welcome!, keys);
            raw.Info.ContextExtensions = new ExtensionList([new RequiredCapabilities([], [], [.. Enumerable.Repeat((ushort)1, count)]).ToExtension()]);
            return MlsMessage.Decode(raw.Encode());
        }

        Refused(MlsRule.CapabilityCount, () => dave.Client.Join(Make(Capabilities.MostInList + 1).Welcome!, keys).Dispose());
        dave.Join(Make(Capabilities.MostInList).Welcome!, keys);
    }

    [Fact]
    public void A_client_that_supports_more_than_it_can_say_is_not_made()
    {
        ushort[] many = [.. Enumerable.Range(0x8000, Capabilities.MostInList).Select(type => (ushort)type)];
        Assert.Throws<ArgumentException>(() => new Person("Dave", extensions: many));
        using var most = new Person("Dave", extensions: many[1..]);
        using var keys = most.NewKeyPackage();
        Alice.Client.Verify(KeyPackage.Decode(keys.KeyPackage.Encoded.Span), Person.Now);
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.ExternalSenderCount))]
    public void A_group_with_too_many_external_senders_is_refused()
    {
        var sender = new ExternalSender(Charlie.SigningKey.PublicKey.ToArray(), Charlie.Credential);
        Assert.Throws<ArgumentException>(() => ExternalSender.ToExtension(Enumerable.Repeat(sender, ExternalSender.Most + 1)));
        Refuses(MlsRule.ExternalSenderCount, Bob, broken => new RawCommit(Alice.Group, Alice)
        {
            Proposals = [new GroupContextExtensionsProposal(new ExtensionList([Senders(sender, ExternalSender.Most + (broken ? 1 : 0))]))],
        }.Make());
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.CertificateCount))]
    public void A_chain_of_too_many_certificates_is_refused()
    {
        ushort[] credentials = [CredentialTypes.Basic, CredentialTypes.X509];
        var people = Gather(Own(new Person("Ann", credentials: credentials)), Own(new Person("Ben", credentials: credentials)));
        Refuses(MlsRule.CertificateCount, people[1], broken => new RawCommit(people[0].Group, people[0])
        {
            Leaf = leaf => leaf with { Credential = Chain(X509Credential.Most + (broken ? 1 : 0)) },
        }.Make());
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.HpkeCiphertextLength))]
    public void A_Welcome_with_a_ciphertext_that_is_too_short_is_refused()
    {
        var dave = New("Dave");
        var keys = KeyPackageOf(dave);
        var (_, welcome) = Alice.Add((dave, keys));
        foreach (var (encapsulation, ciphertext) in new[] { (31, 16), (32, 15), (0, 0) })
        {
            var raw = new RawWelcome(Alice, welcome!, keys) { Secrets = _ => new HpkeCiphertext(new byte[encapsulation], new byte[ciphertext]) };
            var bad = raw.Encode();
            Refused(MlsRule.HpkeCiphertextLength, () => dave.Client.Join(MlsMessage.Decode(bad).Welcome!, keys).Dispose());
        }

        dave.Join(welcome!, keys);
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.HpkeCiphertextLength))]
    public void A_path_with_a_ciphertext_that_is_too_short_is_refused() => Refuses(MlsRule.HpkeCiphertextLength, Bob, broken => new RawCommit(Alice.Group, Alice)
    {
        Nodes = (nodes, _) => !broken ? nodes : [nodes[0] with { EncryptedPathSecrets = [new HpkeCiphertext(default, default)] }, .. nodes.Skip(1)],
    }.Make());

    [Fact]
    [Trait("Rule", nameof(MlsRule.PathLength))]
    public void A_path_longer_than_any_tree_is_high_is_not_read_to_its_end() => Refuses(MlsRule.PathLength, Bob, broken => new RawCommit(Alice.Group, Alice)
    {
        Nodes = (nodes, _) => !broken ? nodes : [.. nodes, .. Enumerable.Repeat(new UpdatePathNode(default, []), 100)],
    }.Make());

    [Theory]
    [InlineData(WireFormat.Welcome)]
    [InlineData(WireFormat.GroupInfo)]
    [InlineData(WireFormat.KeyPackage)]
    [InlineData(WireFormat.PublicMessage)]
    [Trait("Rule", nameof(MlsRule.MessageLength))]
    public void Bytes_beyond_the_limits_are_refused_before_they_are_parsed(WireFormat format)
    {
        var dave = New("Dave");
        var keys = KeyPackageOf(dave);
        var (commit, welcome) = Alice.Add((dave, keys));
        var encoded = (format switch
        {
            WireFormat.Welcome => MlsMessage.Of(welcome!),
            WireFormat.GroupInfo => MlsMessage.Of(Alice.Group.MakeGroupInfo()),
            WireFormat.KeyPackage => MlsMessage.Of(keys.KeyPackage),
            _ => commit,
        }).Encoded.ToArray();
        var limits = new MlsLimits
        {
            WelcomeLength = encoded.Length,
            GroupInfoLength = encoded.Length,
            KeyPackageLength = encoded.Length,
            CommitLength = encoded.Length,
            MessageLength = encoded.Length,
            ProposalLength = encoded.Length,
        };
        MlsMessage.Decode(encoded, limits);
        Refused(MlsRule.MessageLength, () => MlsMessage.Decode([.. encoded, 0], limits));
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.MessageLength))]
    public void A_bare_KeyPackage_beyond_the_limits_is_refused() =>
        Refused(MlsRule.MessageLength, () => KeyPackage.Decode(new byte[MlsLimits.Default.KeyPackageLength + 1]));

    private static Capabilities With(Capabilities capabilities, string kind, int count)
    {
        ushort[] Fill(IReadOnlyList<ushort> list) => [.. list, .. Enumerable.Repeat((ushort)0x9999, count - list.Count)];
        return kind switch
        {
            "cipher suites" => capabilities with { CipherSuites = Fill(capabilities.CipherSuites) },
            "extensions" => capabilities with { Extensions = Fill(capabilities.Extensions) },
            "proposals" => capabilities with { Proposals = Fill(capabilities.Proposals) },
            _ => capabilities with { Credentials = Fill(capabilities.Credentials) },
        };
    }

    private static Extension Senders(ExternalSender sender, int count) => new(ExtensionTypes.ExternalSenders, TlsWriter.Encode(writer =>
        writer.WriteList(Enumerable.Repeat(sender, count), (to, one) =>
        {
            to.WriteVector(one.SignatureKey);
            one.Credential.Write(to);
        })));

    /// <summary>A credential with a chain whose certificates are empty.</summary>
    private static X509Credential Chain(int count) => new(
        [.. Enumerable.Repeat(ReadOnlyMemory<byte>.Empty, count)],
        TlsWriter.Encode(writer =>
        {
            writer.WriteUInt16(CredentialTypes.X509);
            writer.WriteVector(new byte[count]);
        }));
}
