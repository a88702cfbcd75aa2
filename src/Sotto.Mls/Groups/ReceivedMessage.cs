using Sotto.Mls.Framing;
using Sotto.Mls.Proposals;
using Sotto.Mls.State;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Groups;

/// <summary>
/// A message that was opened and checked completely. The group is unchanged until <see cref="PreparedChange.Merge"/>: store
/// what the message brought together with its change, then merge. One of the three kinds below.
/// </summary>
public abstract class ReceivedMessage : PreparedChange
{
    private protected ReceivedMessage(MlsGroup group, StateChange change, Action apply, Action drop, FramedContentView content)
        : base(group, change, apply, drop) => Content = content;

    /// <summary>The epoch that the message was sent in.</summary>
    public Epoch Epoch => Content.Epoch;

    /// <summary>Who sent it.</summary>
    public Sender Sender => Content.Sender;

    /// <summary>What the sender authenticated beside the content.</summary>
    public ReadOnlyMemory<byte> AuthenticatedData => Content.AuthenticatedData;

    private FramedContentView Content { get; }
}

/// <summary>What every message says of itself.</summary>
internal readonly record struct FramedContentView(Epoch Epoch, Sender Sender, ReadOnlyMemory<byte> AuthenticatedData)
{
    public static FramedContentView Of(FramedContent content) => new(content.Epoch, content.Sender, content.AuthenticatedData);
}

/// <summary>Data of the application.</summary>
public sealed class ReceivedApplication : ReceivedMessage
{
    internal ReceivedApplication(
        MlsGroup group, StateChange change, Action apply, Action drop, FramedContentView content, LeafNode senderLeaf, uint generation, ReadOnlyMemory<byte> data)
        : base(group, change, apply, drop, content)
    {
        SenderLeaf = senderLeaf;
        Generation = generation;
        Data = data;
    }

    /// <summary>The sender's leaf in the epoch that the message was sent in.</summary>
    public LeafNode SenderLeaf { get; }

    /// <summary>Which of the sender's keys it was encrypted under.</summary>
    public uint Generation { get; }

    /// <summary>The data.</summary>
    public ReadOnlyMemory<byte> Data { get; }
}

/// <summary>A proposal that now waits for a commit.</summary>
public sealed class ReceivedProposal : ReceivedMessage
{
    internal ReceivedProposal(MlsGroup group, StateChange change, Action apply, Action drop, FramedContentView content, Proposal proposal)
        : base(group, change, apply, drop, content) => Proposal = proposal;

    /// <summary>The proposal.</summary>
    public Proposal Proposal { get; }
}

/// <summary>A commit. Merging it enters the new epoch, or ends the group for this client when it is removed.</summary>
public sealed class ReceivedCommit : ReceivedMessage
{
    private readonly CommitOutcome _outcome;

    internal ReceivedCommit(MlsGroup group, StateChange change, Action apply, Action drop, FramedContentView content, CommitOutcome outcome, bool isOwn)
        : base(group, change, apply, drop, content)
    {
        _outcome = outcome;
        IsOwn = isOwn;
    }

    /// <summary>Whether it is this client's own pending commit that came back.</summary>
    public bool IsOwn { get; }

    /// <summary>What changes.</summary>
    public CommitView View => _outcome.View;

    /// <summary>Whether it removes this client.</summary>
    public bool RemovesOwn => _outcome.Next is null;

    /// <summary>How it ends the group for another one; null when it does not.</summary>
    public ReInitProposal? ReInit => _outcome.Proposals.ReInit;

    /// <summary>A secret of the epoch that the commit begins (RFC 9420 §8.5).</summary>
    /// <returns>A secret that the caller disposes.</returns>
    /// <exception cref="InvalidOperationException">The commit removes this client.</exception>
    public Secret ExportNext(ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, int length)
    {
        if (_outcome.Next is not { } next)
            throw new InvalidOperationException("The commit removes this client: it has no secret of the new epoch.");
        return next.Secrets.Export(next.Crypto, label, context, length);
    }
}
