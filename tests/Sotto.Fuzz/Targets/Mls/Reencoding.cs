using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Presentation;
using Sotto.Mls.Proposals;
using Sotto.Mls.Trees;

namespace Sotto.Fuzz.Targets.Mls;

/// <summary>Encodes what was decoded again from its fields, also where the library keeps the bytes that were signed.</summary>
internal static class Reencoding
{
    public static void Require(MlsMessage message, ReadOnlySpan<byte> encoded)
    {
        FindingException.ThrowUnless(message.Encoded.Span.SequenceEqual(encoded), $"{message.Format} keeps other bytes than came");
        var again = message switch
        {
            { KeyPackage: { } keyPackage } => Encode(writer => Write(writer, keyPackage)),
            { GroupInfo: { } info } => Encode(writer => Write(writer, info)),
            { Welcome: { } welcome } => Encode(welcome.Write),
            { PublicMessage: { } open } => Encode(writer => Write(writer, open)),
            _ => Encode(message.PrivateMessage!.Write),
        };
        FindingException.ThrowUnless(again.AsSpan().SequenceEqual(encoded[4..]), $"{message.Format} has two encodings");
    }

    public static void Require(Commit commit) => FindingException.ThrowUnless(
        Encode(writer => Write(writer, commit)).AsSpan().SequenceEqual(commit.Encoded.Span), "a commit has two encodings");

    public static void Require(LeafNode leaf) => FindingException.ThrowUnless(
        Encode(writer => Write(writer, leaf)).AsSpan().SequenceEqual(leaf.Encoded.Span), "a leaf has two encodings");

    private static byte[] Encode(Action<TlsWriter> write) => TlsWriter.Encode(write);

    private static void Write(TlsWriter writer, KeyPackage keyPackage)
    {
        var content = keyPackage.Content;
        writer.WriteUInt16(content.Version);
        writer.WriteUInt16(content.CipherSuite.Value);
        writer.WriteVector(content.InitKey);
        Write(writer, content.LeafNode);
        content.Extensions.Write(writer);
        writer.WriteVector(keyPackage.Signature);
    }

    private static void Write(TlsWriter writer, LeafNode leaf)
    {
        leaf.Content.Write(writer);
        writer.WriteVector(leaf.Signature);
    }

    private static void Write(TlsWriter writer, GroupInfo info)
    {
        info.Content.Write(writer);
        writer.WriteVector(info.Signature);
    }

    private static void Write(TlsWriter writer, PublicMessage message)
    {
        var content = message.Content.Content;
        writer.WriteVector(content.GroupId.Bytes);
        writer.WriteUInt64(content.Epoch.Value);
        content.Sender.Write(writer);
        writer.WriteVector(content.AuthenticatedData);
        writer.WriteByte((byte)content.Type);
        switch (content.Body)
        {
            case CommitBody commit:
                Write(writer, commit.Commit);
                break;
            case ProposalBody proposal:
                Write(writer, proposal.Proposal);
                break;
            default:
                content.Body.Write(writer);
                break;
        }

        message.Content.WriteAuth(writer);
        if (message.MembershipTag is { } tag)
            writer.WriteVector(tag);
    }

    private static void Write(TlsWriter writer, Commit commit)
    {
        writer.WriteList(commit.Proposals, (to, proposal) =>
        {
            if (proposal.Proposal is null)
            {
                proposal.Write(to);
                return;
            }

            to.WriteByte(1);
            Write(to, proposal.Proposal);
        });
        if (!writer.WriteOptional(commit.Path is not null))
            return;
        Write(writer, commit.Path!.LeafNode);
        writer.WriteList(commit.Path.Nodes, (to, node) => node.Write(to));
    }

    private static void Write(TlsWriter writer, Proposal proposal)
    {
        writer.WriteUInt16(proposal.Type);
        switch (proposal)
        {
            case AddProposal add:
                Write(writer, add.KeyPackage);
                break;
            case UpdateProposal update:
                Write(writer, update.LeafNode);
                break;
            default:
                proposal.WriteBody(writer);
                break;
        }
    }
}
