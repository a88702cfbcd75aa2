using Sotto.Mls.Trees;

namespace Sotto.Mls.Framing;

/// <summary>What a sender is to the group (RFC 9420 §6).</summary>
public enum SenderType : byte
{
    /// <summary>A member; the index is its leaf.</summary>
    Member = 1,

    /// <summary>One of the group's external senders; the index is its place in the extension.</summary>
    External = 2,

    /// <summary>A client that proposes to be added.</summary>
    NewMemberProposal = 3,

    /// <summary>A client that joins by an external commit.</summary>
    NewMemberCommit = 4,
}

/// <summary>Who sent a message (RFC 9420 §6).</summary>
/// <param name="Type">What the sender is to the group.</param>
/// <param name="Index">A leaf for members, a place in the extension for external senders, otherwise 0.</param>
public readonly record struct Sender(SenderType Type, uint Index)
{
    /// <summary>The leaf of a member.</summary>
    internal LeafIndex Leaf => new(Index);

    internal static Sender Member(LeafIndex leaf) => new(SenderType.Member, leaf.Value);

    internal static Sender Read(ref TlsReader reader)
    {
        var type = (SenderType)reader.ReadByte();
        return type switch
        {
            SenderType.Member or SenderType.External => new Sender(type, reader.ReadUInt32()),
            SenderType.NewMemberProposal or SenderType.NewMemberCommit => new Sender(type, 0),
            _ => throw new MlsException(MlsRule.KnownSenderType),
        };
    }

    internal void Write(TlsWriter writer)
    {
        writer.WriteByte((byte)Type);
        if (Type is SenderType.Member or SenderType.External)
            writer.WriteUInt32(Index);
    }
}
