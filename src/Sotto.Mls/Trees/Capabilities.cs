using Sotto.Mls.Extensions;
using Sotto.Mls.Proposals;

namespace Sotto.Mls.Trees;

/// <summary>What a client says it supports (RFC 9420 §7.2). Default extension and proposal types are not listed.</summary>
/// <param name="Versions">Protocol versions; 1 is MLS 1.0.</param>
/// <param name="CipherSuites">Numbers of cipher suites.</param>
/// <param name="Extensions">Extension types beyond the default ones.</param>
/// <param name="Proposals">Proposal types beyond the default ones.</param>
/// <param name="Credentials">Credential types.</param>
public sealed record Capabilities(
    IReadOnlyList<ushort> Versions,
    IReadOnlyList<ushort> CipherSuites,
    IReadOnlyList<ushort> Extensions,
    IReadOnlyList<ushort> Proposals,
    IReadOnlyList<ushort> Credentials)
{
    /// <summary>
    /// How many numbers one list of capabilities, or of what a group requires, may have. It bounds what comparing a leaf with
    /// the others costs.
    /// </summary>
    public const int MostInList = 256;

    /// <summary>Whether an extension of the type may be used with this client.</summary>
    public bool SupportsExtension(ushort type) => ExtensionTypes.IsDefault(type) || Extensions.Contains(type);

    /// <summary>Whether a proposal of the type may be used with this client.</summary>
    public bool SupportsProposal(ushort type) => ProposalTypes.IsDefault(type) || Proposals.Contains(type);

    /// <summary>Whether a credential of the type may be used with this client.</summary>
    public bool SupportsCredential(ushort type) => Credentials.Contains(type);

    /// <summary>Whether a list has no room left for a reserved value.</summary>
    internal bool IsTooLong => CipherSuites.Count >= MostInList || Extensions.Count >= MostInList || Proposals.Count >= MostInList || Credentials.Count >= MostInList;

    internal bool Meets(RequiredCapabilities required) =>
        required.Extensions.All(SupportsExtension)
        && required.Proposals.All(SupportsProposal)
        && required.Credentials.All(SupportsCredential);

    internal static Capabilities Read(ref TlsReader reader) => new(
        Opaque.ReadUInt16List(ref reader), Opaque.ReadUInt16List(ref reader), Opaque.ReadUInt16List(ref reader),
        Opaque.ReadUInt16List(ref reader), Opaque.ReadUInt16List(ref reader));

    internal void Write(TlsWriter writer)
    {
        Opaque.WriteUInt16List(writer, Versions);
        Opaque.WriteUInt16List(writer, CipherSuites);
        Opaque.WriteUInt16List(writer, Extensions);
        Opaque.WriteUInt16List(writer, Proposals);
        Opaque.WriteUInt16List(writer, Credentials);
    }

    /// <summary>This with one random reserved value in each list that tolerates it (RFC 9420 §13.5).</summary>
    internal Capabilities WithGrease(ICryptoProvider provider)
    {
        Span<byte> random = stackalloc byte[4];
        provider.FillRandom(random);
        return this with
        {
            CipherSuites = [.. CipherSuites, Grease.Pick(random[0])],
            Extensions = [.. Extensions, Grease.Pick(random[1])],
            Proposals = [.. Proposals, Grease.Pick(random[2])],
            Credentials = [.. Credentials, Grease.Pick(random[3])],
        };
    }
}
