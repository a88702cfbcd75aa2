using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;

namespace Sotto.Mls.Framing;

/// <summary>What a message carries (RFC 9420 §6).</summary>
public enum ContentType : byte
{
    /// <summary>Bytes of the application.</summary>
    Application = 1,

    /// <summary>One proposal.</summary>
    Proposal = 2,

    /// <summary>A commit.</summary>
    Commit = 3,
}

/// <summary>How a message is framed (RFC 9420 §6, §17.2).</summary>
public enum WireFormat : ushort
{
    /// <summary>Signed, and readable on the way.</summary>
    PublicMessage = 1,

    /// <summary>Signed and encrypted.</summary>
    PrivateMessage = 2,

    /// <summary>What new members get.</summary>
    Welcome = 3,

    /// <summary>A group's state for those who want to join from outside.</summary>
    GroupInfo = 4,

    /// <summary>A client's offer to be added.</summary>
    KeyPackage = 5,
}

/// <summary>A message's group, sender and content (RFC 9420 §6). Exactly one of the three contents is there.</summary>
internal sealed record FramedContent(
    GroupId GroupId, Epoch Epoch, Sender Sender, ReadOnlyMemory<byte> AuthenticatedData, ContentBody Body)
{
    public ContentType Type => Body.Type;

    public static FramedContent Read(ref TlsReader reader)
    {
        var groupId = new GroupId(reader.ReadVector());
        var epoch = new Epoch(reader.ReadUInt64());
        var sender = Sender.Read(ref reader);
        var authenticatedData = reader.ReadVector();
        var type = (ContentType)reader.ReadByte();
        return new FramedContent(groupId, epoch, sender, authenticatedData, ContentBody.Read(type, ref reader));
    }

    public void Write(TlsWriter writer)
    {
        writer.WriteVector(GroupId.Bytes);
        writer.WriteUInt64(Epoch.Value);
        Sender.Write(writer);
        writer.WriteVector(AuthenticatedData);
        writer.WriteByte((byte)Type);
        Body.Write(writer);
    }

    /// <summary>About how long FramedContentTBS is.</summary>
    public int SignedSizeHint(GroupContext? context) => Body.SizeHint + AuthenticatedData.Length + (context?.Encoded.Length ?? 0) + 128;

    /// <summary>FramedContentTBS (§6.1). Members and joiners by commit sign the group context too.</summary>
    public void WriteToBeSigned(TlsWriter writer, WireFormat format, GroupContext? context)
    {
        writer.WriteUInt16(ProtocolVersion.Mls10);
        writer.WriteUInt16((ushort)format);
        Write(writer);
        if (Sender.Type is SenderType.Member or SenderType.NewMemberCommit)
            context!.Write(writer);
    }
}

/// <summary>The content of a message: application data, a proposal or a commit (RFC 9420 §6).</summary>
internal abstract record ContentBody(ContentType Type)
{
    public abstract int SizeHint { get; }

    public static ContentBody Read(ContentType type, ref TlsReader reader) => type switch
    {
        ContentType.Application => new ApplicationBody(reader.ReadVector()),
        ContentType.Proposal => new ProposalBody(Proposal.Read(ref reader)),
        ContentType.Commit => new CommitBody(Commit.Read(ref reader)),
        _ => throw new MlsException(MlsRule.KnownContentType),
    };

    public abstract void Write(TlsWriter writer);
}

internal sealed record ApplicationBody(ReadOnlyMemory<byte> Data) : ContentBody(ContentType.Application)
{
    public override int SizeHint => Data.Length;

    public override void Write(TlsWriter writer) => writer.WriteVector(Data);
}

internal sealed record ProposalBody(Proposal Proposal) : ContentBody(ContentType.Proposal)
{
    public override int SizeHint => 256;

    public override void Write(TlsWriter writer) => Proposal.Write(writer);
}

internal sealed record CommitBody(Commit Commit) : ContentBody(ContentType.Commit)
{
    public override int SizeHint => Commit.Encoded.Length;

    public override void Write(TlsWriter writer) => writer.WriteFixed(Commit.Encoded.Span);
}
