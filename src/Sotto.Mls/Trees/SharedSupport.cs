using Sotto.Mls.Credentials;
using Sotto.Mls.Extensions;
using Sotto.Mls.Proposals;

namespace Sotto.Mls.Trees;

/// <summary>
/// What a set of leaves supports together (RFC 9420 §7.2, §11.1), so that another leaf, or other group extensions, are
/// judged without going through all of them again.
/// </summary>
internal sealed class SharedSupport
{
    private readonly HashSet<ushort> _credentialsInUse = [];
    private HashSet<ushort>? _extensions;
    private HashSet<ushort>? _proposals;
    private HashSet<ushort>? _credentials;

    /// <summary>Takes in a leaf, or what one will be.</summary>
    public void Add(Credential credential, Capabilities capabilities)
    {
        _credentialsInUse.Add(credential.Type);
        Narrow(ref _extensions, capabilities.Extensions);
        Narrow(ref _proposals, capabilities.Proposals);
        Narrow(ref _credentials, capabilities.Credentials);
    }

    /// <inheritdoc cref="Add(Credential, Capabilities)"/>
    public void Add(LeafNode leaf) => Add(leaf.Credential, leaf.Capabilities);

    /// <summary>Whether all support a type of proposal.</summary>
    public bool Supports(ushort proposalType) => ProposalTypes.IsDefault(proposalType) || Has(_proposals, proposalType);

    /// <summary>Whether all support what a group context holds and requires.</summary>
    public bool Supports(ExtensionList extensions, RequiredCapabilities? required) =>
        extensions.All(extension => SupportsExtension(extension.Type)) && (required is null || Meets(required));

    /// <summary>Whether a leaf goes together with all of them under these group extensions.</summary>
    public bool GoesWith(LeafNode leaf, ExtensionList extensions, RequiredCapabilities? required) =>
        Has(_credentials, leaf.Credential.Type)
        && _credentialsInUse.All(leaf.Capabilities.SupportsCredential)
        && extensions.All(extension => leaf.Capabilities.SupportsExtension(extension.Type))
        && (required is null || leaf.Capabilities.Meets(required));

    private static void Narrow(ref HashSet<ushort>? shared, IReadOnlyList<ushort> supported)
    {
        if (shared is null)
            shared = [.. supported];
        else
            shared.IntersectWith(supported);
    }

    private static bool Has(HashSet<ushort>? shared, ushort type) => shared?.Contains(type) != false;

    private bool SupportsExtension(ushort type) => ExtensionTypes.IsDefault(type) || Has(_extensions, type);

    private bool Meets(RequiredCapabilities required) =>
        required.Extensions.All(SupportsExtension)
        && required.Proposals.All(Supports)
        && required.Credentials.All(type => Has(_credentials, type));
}
