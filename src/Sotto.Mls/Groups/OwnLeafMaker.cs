using Sotto.Mls.Extensions;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Groups;

/// <summary>New leaves for this client (RFC 9420 §7.2): what the client supports now, and the changes that it asked for.</summary>
internal static class OwnLeafMaker
{
    /// <summary>The successor of a leaf.</summary>
    public static LeafNode Renew(
        SuiteCrypto crypto, MlsClientOptions options, LeafNode current, SigningKey currentKey, LeafChange change, LeafNodeSource source,
        ReadOnlyMemory<byte> encryptionKey, ReadOnlyMemory<byte> parentHash, GroupId group, LeafIndex index)
    {
        var key = change.SigningKey ?? currentKey;
        var extensions = change.Extensions ?? current.Extensions;
        var content = new LeafNodeContent(
            encryptionKey, key.PublicKey.ToArray(), change.Credential ?? current.Credential,
            CapabilitiesFor(crypto, options, extensions), source, default, parentHash, extensions);
        return LeafNode.Sign(content, key, group, index);
    }

    /// <summary>What the client says it supports: what it does support, what it uses, and reserved values.</summary>
    public static Capabilities CapabilitiesFor(SuiteCrypto crypto, MlsClientOptions options, params IEnumerable<Extension> used)
    {
        var capabilities = CapabilitiesFor(options, used);
        return options.SendGrease ? capabilities.WithGrease(crypto.Provider) : capabilities;
    }

    /// <summary>The same without reserved values.</summary>
    public static Capabilities CapabilitiesFor(MlsClientOptions options, IEnumerable<Extension> used)
    {
        var capabilities = options.Capabilities;
        foreach (var extension in used)
        {
            if (!capabilities.SupportsExtension(extension.Type))
                capabilities = capabilities with { Extensions = [.. capabilities.Extensions, extension.Type] };
        }

        return capabilities;
    }
}
