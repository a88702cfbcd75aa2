using Sotto.Mls.Proposals;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Groups;

/// <summary>A list of proposals that takes effect, and usually new keys for the committer's path (RFC 9420 §12.4).</summary>
internal sealed class Commit
{
    /// <summary>How many proposals one commit may have.</summary>
    public const int MostProposals = 65_536;

    private Commit(IReadOnlyList<ProposalOrReference> proposals, UpdatePath? path, ReadOnlyMemory<byte> encoded)
    {
        Proposals = proposals;
        Path = path;
        Encoded = encoded;
    }

    public IReadOnlyList<ProposalOrReference> Proposals { get; }

    public UpdatePath? Path { get; }

    public ReadOnlyMemory<byte> Encoded { get; }

    public static Commit Create(IReadOnlyList<ProposalOrReference> proposals, UpdatePath? path)
    {
        var encoded = TlsWriter.Encode(
            writer =>
            {
                writer.WriteList(proposals, (to, proposal) => proposal.Write(to));
                if (writer.WriteOptional(path is not null))
                    path!.Write(writer);
            },
            1024);
        return new Commit(proposals, path, encoded);
    }

    public static Commit Read(ref TlsReader reader)
    {
        var start = reader.Position;
        var list = reader.ReadVectorReader();
        var proposals = new List<ProposalOrReference>();
        while (!list.IsAtEnd)
        {
            Check.That(proposals.Count < MostProposals, MlsRule.ProposalCount);
            proposals.Add(ProposalOrReference.Read(ref list));
        }

        var path = reader.ReadOptional() ? UpdatePath.Read(ref reader) : null;
        return new Commit(proposals, path, reader.Since(start));
    }
}

/// <summary>A proposal itself, or the reference of one that was sent before (RFC 9420 §12.4). One of the two is there.</summary>
internal readonly record struct ProposalOrReference(Proposal? Proposal, ReadOnlyMemory<byte> Reference)
{
    private const byte ByValue = 1;
    private const byte ByReference = 2;

    public static ProposalOrReference Read(ref TlsReader reader) => reader.ReadByte() switch
    {
        ByValue => new ProposalOrReference(Proposal.Read(ref reader), default),
        ByReference => new ProposalOrReference(null, reader.ReadVector()),
        _ => throw new MlsException(MlsRule.KnownProposalOrRefType),
    };

    public void Write(TlsWriter writer)
    {
        if (Proposal is not null)
        {
            writer.WriteByte(ByValue);
            Proposal.Write(writer);
        }
        else
        {
            writer.WriteByte(ByReference);
            writer.WriteVector(Reference);
        }
    }
}
