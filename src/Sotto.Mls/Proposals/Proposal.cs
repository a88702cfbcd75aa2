using Sotto.Mls.Extensions;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Schedule;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Proposals;

/// <summary>A change that a commit brings into effect (RFC 9420 §12.1).</summary>
public abstract record Proposal
{
    private protected Proposal(ushort type) => Type = type;

    /// <summary>The proposal type; one of <see cref="ProposalTypes"/> or another number.</summary>
    public ushort Type { get; }

    /// <summary>Whether a commit with such a proposal needs a path (§12.4). Unknown types say so themselves.</summary>
    internal virtual bool NeedsPath => false;

    internal abstract void WriteBody(TlsWriter writer);

    internal void Write(TlsWriter writer)
    {
        writer.WriteUInt16(Type);
        WriteBody(writer);
    }

    /// <summary>
    /// Reads a proposal. One of a type that this library does not know carries one vector, or the list that it stands in
    /// could not be read on.
    /// </summary>
    internal static Proposal Read(ref TlsReader reader)
    {
        var type = reader.ReadUInt16();
        return type switch
        {
            ProposalTypes.Add => new AddProposal(KeyPackage.Read(ref reader)),
            ProposalTypes.Update => new UpdateProposal(LeafNode.Read(ref reader)),
            ProposalTypes.Remove => new RemoveProposal(new LeafIndex(reader.ReadUInt32())),
            ProposalTypes.PreSharedKey => new PreSharedKeyProposal(PreSharedKeyId.Read(ref reader)),
            ProposalTypes.ReInit => ReInitProposal.ReadBody(ref reader),
            ProposalTypes.ExternalInit => new ExternalInitProposal(reader.ReadVector()),
            ProposalTypes.GroupContextExtensions => new GroupContextExtensionsProposal(ExtensionList.Read(ref reader)),
            ProposalTypes.SelfRemove => new SelfRemoveProposal(),
            _ => new CustomProposal(type, reader.ReadVector()),
        };
    }
}

/// <summary>Adds the client of a KeyPackage (RFC 9420 §12.1.1).</summary>
public sealed record AddProposal : Proposal
{
    /// <summary>A proposal to add a client whose KeyPackage was checked.</summary>
    public AddProposal(VerifiedKeyPackage keyPackage)
        : base(ProposalTypes.Add)
    {
        ArgumentNullException.ThrowIfNull(keyPackage);
        KeyPackage = keyPackage.KeyPackage;
        IsVerified = true;
    }

    internal AddProposal(KeyPackage keyPackage)
        : base(ProposalTypes.Add) => KeyPackage = keyPackage;

    /// <summary>The new member's.</summary>
    public KeyPackage KeyPackage { get; }

    /// <summary>Whether this client checked the KeyPackage before.</summary>
    internal bool IsVerified { get; }

    internal override void WriteBody(TlsWriter writer) => KeyPackage.Write(writer);
}

/// <summary>Replaces the sender's leaf (RFC 9420 §12.1.2).</summary>
public sealed record UpdateProposal : Proposal
{
    internal UpdateProposal(LeafNode leafNode)
        : base(ProposalTypes.Update) => LeafNode = leafNode;

    /// <summary>The new leaf.</summary>
    public LeafNode LeafNode { get; }

    internal override bool NeedsPath => true;

    internal override void WriteBody(TlsWriter writer) => LeafNode.Write(writer);
}

/// <summary>Removes a member (RFC 9420 §12.1.3).</summary>
/// <param name="Removed">The member's leaf.</param>
public sealed record RemoveProposal(LeafIndex Removed) : Proposal(ProposalTypes.Remove)
{
    internal override bool NeedsPath => true;

    internal override void WriteBody(TlsWriter writer) => writer.WriteUInt32(Removed.Value);
}

/// <summary>Brings a pre-shared key into the key schedule (RFC 9420 §12.1.4).</summary>
/// <param name="Psk">Which one.</param>
public sealed record PreSharedKeyProposal(PreSharedKeyId Psk) : Proposal(ProposalTypes.PreSharedKey)
{
    internal override void WriteBody(TlsWriter writer) => Psk.Write(writer);
}

/// <summary>Ends the group; a new one with these parameters takes its place (RFC 9420 §12.1.5).</summary>
/// <param name="GroupId">The new group's.</param>
/// <param name="Version">The new group's protocol version; 1 is MLS 1.0.</param>
/// <param name="CipherSuite">The new group's.</param>
/// <param name="Extensions">The new group's group context extensions.</param>
public sealed record ReInitProposal(GroupId GroupId, ushort Version, CipherSuiteId CipherSuite, ExtensionList Extensions)
    : Proposal(ProposalTypes.ReInit)
{
    /// <summary>Whether a group is the one that this describes (§11.2).</summary>
    internal bool IsFor(Groups.GroupContext context) =>
        context.GroupId == GroupId
        && Version == ProtocolVersion.Mls10
        && context.CipherSuite == CipherSuite
        && context.Extensions.Equals(Extensions);

    internal static ReInitProposal ReadBody(ref TlsReader reader) => new(
        new GroupId(reader.ReadVector()), reader.ReadUInt16(), new CipherSuiteId(reader.ReadUInt16()), ExtensionList.Read(ref reader));

    internal override void WriteBody(TlsWriter writer)
    {
        writer.WriteVector(GroupId.Bytes);
        writer.WriteUInt16(Version);
        writer.WriteUInt16(CipherSuite.Value);
        Extensions.Write(writer);
    }
}

/// <summary>Carries the init secret of an external commit (RFC 9420 §12.1.6).</summary>
public sealed record ExternalInitProposal : Proposal
{
    internal ExternalInitProposal(ReadOnlyMemory<byte> kemOutput)
        : base(ProposalTypes.ExternalInit) => KemOutput = kemOutput;

    /// <summary>The encapsulation to the group's external key.</summary>
    public ReadOnlyMemory<byte> KemOutput { get; }

    internal override bool NeedsPath => true;

    internal override void WriteBody(TlsWriter writer) => writer.WriteVector(KemOutput);

    /// <summary>Whether both carry the same bytes.</summary>
    public bool Equals(ExternalInitProposal? other) => other is not null && KemOutput.SameAs(other.KemOutput);

    /// <inheritdoc/>
    public override int GetHashCode() => KemOutput.ContentHash();
}

/// <summary>Replaces all extensions of the group context (RFC 9420 §12.1.7).</summary>
/// <param name="Extensions">The new ones.</param>
public sealed record GroupContextExtensionsProposal(ExtensionList Extensions) : Proposal(ProposalTypes.GroupContextExtensions)
{
    internal override bool NeedsPath => true;

    internal override void WriteBody(TlsWriter writer) => Extensions.Write(writer);
}

/// <summary>Removes its sender; only by reference, and also in external commits (draft-ietf-mls-extensions, SelfRemove).</summary>
public sealed record SelfRemoveProposal() : Proposal(ProposalTypes.SelfRemove)
{
    internal override bool NeedsPath => true;

    internal override void WriteBody(TlsWriter writer)
    {
    }
}

/// <summary>
/// A proposal of a type that the library does not know: the application gives it its meaning, and its content is one
/// vector. It changes nothing in the group by itself and needs no path.
/// </summary>
public sealed record CustomProposal : Proposal
{
    /// <summary>A proposal of an application's own type.</summary>
    /// <exception cref="ArgumentException">The type is one that the library knows.</exception>
    public CustomProposal(ushort type, ReadOnlyMemory<byte> content)
        : base(type)
    {
        if (ProposalTypes.IsDefault(type) || type == ProposalTypes.SelfRemove)
            throw new ArgumentException("The library knows this type.", nameof(type));
        Content = content;
    }

    /// <summary>The content, without the vector's length.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>Whether type and content are the same.</summary>
    public bool Equals(CustomProposal? other) => other is not null && Type == other.Type && Content.SameAs(other.Content);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, Content.ContentHash());

    internal override void WriteBody(TlsWriter writer) => writer.WriteVector(Content);
}
