using Sotto.Mls.Credentials;
using Sotto.Mls.Extensions;
using Sotto.Mls.Ratchets;
using Sotto.Mls.Schedule;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Groups;

/// <summary>What a new group is made of.</summary>
/// <param name="Suite">Its suite, for ever.</param>
/// <param name="GroupId">Its identifier; random bytes are best.</param>
/// <param name="SigningKey">The creator's signature key. The application owns it and keeps it as long as the group is in use.</param>
/// <param name="Credential">Who the creator is.</param>
/// <param name="Lifetime">When the creator's first leaf is valid; the creator's first path replaces it by one that does not expire.</param>
public sealed record GroupParameters(CipherSuite Suite, GroupId GroupId, SigningKey SigningKey, Credential Credential, Lifetime Lifetime)
{
    /// <summary>Extensions of the group context.</summary>
    public ExtensionList Extensions { get; init; } = ExtensionList.Empty;

    /// <summary>Extensions of the creator's leaf.</summary>
    public ExtensionList LeafExtensions { get; init; } = ExtensionList.Empty;
}

/// <summary>A group of one member in epoch 0 (RFC 9420 §11).</summary>
internal static class GroupCreation
{
    public static EpochState Create(SuiteCrypto crypto, MlsClientOptions options, GroupParameters parameters)
    {
        RequireSupported(crypto, options, parameters);
        var encryptionKey = crypto.Hpke.GeneratePrivateKey();
        var publicKey = crypto.Hpke.PublicKey(encryptionKey.Bytes);
        var leaf = LeafNode.Sign(
            new LeafNodeContent(
                publicKey, parameters.SigningKey.PublicKey.ToArray(), parameters.Credential,
                OwnLeafMaker.CapabilitiesFor(crypto, options, parameters.LeafExtensions), LeafNodeSource.KeyPackage,
                parameters.Lifetime, default, parameters.LeafExtensions),
            parameters.SigningKey, null, null);

        var tree = RatchetTree.Of(leaf);
        var context = new GroupContext(
            crypto.Suite.Id, parameters.GroupId, new Epoch(0), tree.RootHash(crypto), ReadOnlyMemory<byte>.Empty, parameters.Extensions);
        using var epochSecret = crypto.RandomSecret();
        var (secrets, encryption) = KeySchedule.Epoch(crypto, epochSecret);
        var tag = secrets.ConfirmationTag(crypto, default);
        return new EpochState
        {
            Crypto = crypto,
            Context = context,
            Tree = tree,
            Own = new LeafIndex(0),
            PrivateKeys = TreePrivateKeys.Of([new(0, new NodeKey(encryptionKey, publicKey))]),
            Secrets = secrets,
            SecretTree = new SecretTree(crypto, 1, encryption),
            ConfirmationTag = tag,
            InterimTranscriptHash = Transcript.Interim(crypto, default, tag),
            SigningKey = parameters.SigningKey,
        };
    }

    private static void RequireSupported(SuiteCrypto crypto, MlsClientOptions options, GroupParameters parameters)
    {
        var capabilities = OwnLeafMaker.CapabilitiesFor(crypto, options, parameters.LeafExtensions);
        if (!parameters.Extensions.All(extension => capabilities.SupportsExtension(extension.Type)))
            throw new ArgumentException("The client does not support an extension of the group.", nameof(parameters));
        if (RequiredCapabilities.From(parameters.Extensions) is { } required && !capabilities.Meets(required))
            throw new ArgumentException("The client does not support what the group requires.", nameof(parameters));
    }
}
