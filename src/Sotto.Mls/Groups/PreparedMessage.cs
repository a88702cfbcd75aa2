using Sotto.Mls.Framing;
using Sotto.Mls.State;

namespace Sotto.Mls.Groups;

/// <summary>A message that is computed and must be stored as sent before it may be sent.</summary>
public sealed class PreparedMessage : PreparedChange
{
    private readonly MlsMessage _message;

    internal PreparedMessage(MlsGroup group, StateChange change, Action apply, Action drop, MlsMessage message)
        : base(group, change, apply, drop) => _message = message;

    /// <summary>
    /// The message's bytes before it is merged, for an outbox that is stored in the same transaction as the change. They are
    /// not sent before that transaction is durable and the operation is merged.
    /// </summary>
    public ReadOnlyMemory<byte> Outgoing => _message.Encoded;

    /// <summary>The message, once it is merged: whoever stores the change first can never use a key twice (RFC 9420 §6.3.1).</summary>
    /// <exception cref="InvalidOperationException">It is not merged yet.</exception>
    public MlsMessage Message => AfterMerge(_message);
}

/// <summary>
/// An own commit that is computed. Merging it makes it the group's pending commit; the group enters the new epoch when
/// the commit comes back or is merged by <see cref="MlsGroup.PrepareMergeOfPending"/>.
/// </summary>
public sealed class PreparedCommit : PreparedChange
{
    private readonly MlsMessage _message;
    private readonly Welcome? _welcome;
    private readonly CommitOutcome _outcome;

    internal PreparedCommit(MlsGroup group, StateChange change, Action apply, Action drop, MlsMessage message, Welcome? welcome, CommitOutcome outcome)
        : base(group, change, apply, drop)
    {
        _message = message;
        _welcome = welcome;
        _outcome = outcome;
    }

    /// <summary>
    /// The commit's bytes before it is merged, for an outbox that is stored in the same transaction as the change. They are
    /// not sent before that transaction is durable and the operation is merged.
    /// </summary>
    public ReadOnlyMemory<byte> Outgoing => _message.Encoded;

    /// <summary>The Welcome before the commit is merged, for the same transaction; null when there are no new members.</summary>
    public Welcome? OutgoingWelcome => _welcome;

    /// <summary>The commit, once it is merged.</summary>
    /// <exception cref="InvalidOperationException">It is not merged yet.</exception>
    public MlsMessage Message => AfterMerge(_message);

    /// <summary>What new members get, to be sent when the commit was accepted; null when there are none.</summary>
    /// <exception cref="InvalidOperationException">It is not merged yet.</exception>
    public Welcome? Welcome => AfterMerge(_welcome);

    /// <summary>What the commit changes.</summary>
    public CommitView View => _outcome.View;

    /// <summary>A secret of the epoch that the commit begins (RFC 9420 §8.5), for what must be said together with the commit.</summary>
    /// <returns>A secret that the caller disposes.</returns>
    public Secret ExportNext(ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, int length) =>
        _outcome.Next!.Secrets.Export(_outcome.Next.Crypto, label, context, length);
}

/// <summary>A group that is computed and not stored yet.</summary>
public sealed class PreparedGroup : PreparedChange
{
    private readonly MlsGroup _group;

    internal PreparedGroup(MlsGroup group, StateChange change)
        : base(group, change, () => { }, group.Dispose) => _group = group;

    /// <summary>The group, once it is merged. Whoever takes it disposes it.</summary>
    /// <exception cref="InvalidOperationException">It is not merged yet.</exception>
    public MlsGroup Group => AfterMerge(_group);
}

/// <summary>An external commit that is computed: the group that it joins, and the message that the members must accept.</summary>
public sealed class PreparedExternalCommit : PreparedChange
{
    private readonly MlsGroup _group;
    private readonly MlsMessage _message;

    internal PreparedExternalCommit(MlsGroup group, StateChange change, MlsMessage message)
        : base(group, change, () => { }, group.Dispose)
    {
        _group = group;
        _message = message;
    }

    /// <summary>The group in the epoch that the commit begins, once it is merged; to be deleted when the commit is not accepted. Whoever takes it disposes it.</summary>
    /// <exception cref="InvalidOperationException">It is not merged yet.</exception>
    public MlsGroup Group => AfterMerge(_group);

    /// <summary>The commit, once it is merged.</summary>
    /// <exception cref="InvalidOperationException">It is not merged yet.</exception>
    public MlsMessage Message => AfterMerge(_message);
}

/// <summary>Giving up what was pending.</summary>
public sealed class PreparedDrop : PreparedChange
{
    internal PreparedDrop(MlsGroup group, StateChange change, Action apply)
        : base(group, change, apply, () => { })
    {
    }
}
