using Sotto.Mls.Ratchets;
using Sotto.Mls.Schedule;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Groups;

/// <summary>
/// Everything that a member holds of one epoch. Immutable but for its secret tree, which is used up by messages. The
/// owner ends it by <see cref="EndAfter"/> or <see cref="Dispose"/>.
/// </summary>
internal sealed class EpochState : IGroupView, IDisposable
{
    public required SuiteCrypto Crypto { get; init; }

    public required GroupContext Context { get; init; }

    public required RatchetTree Tree { get; init; }

    public required LeafIndex Own { get; init; }

    public required TreePrivateKeys PrivateKeys { get; init; }

    public required EpochSecrets Secrets { get; init; }

    public required SecretTree SecretTree { get; init; }

    public required byte[] ConfirmationTag { get; init; }

    public required byte[] InterimTranscriptHash { get; init; }

    /// <summary>The key of the own leaf; the application's, only read.</summary>
    public required SigningKey SigningKey { get; init; }

    public LeafNode OwnLeaf => Tree.Leaf(Own)!;

    public IEnumerable<Member> Members => Tree.Leaves().Select(leaf => new Member(leaf.Index, leaf.Leaf));

    public LeafNode? Find(LeafIndex leaf) => Tree.Leaf(leaf);

    /// <summary>Makes the past epoch that late messages are opened with, and wipes everything else but what the next epoch shares.</summary>
    public PastEpoch EndAfter(EpochState? next)
    {
        var past = new PastEpoch(Context, Tree, Secret.CopyOf(Secrets.SenderData.Bytes), SecretTree);
        Secrets.Dispose();
        PrivateKeys.DisposeWhatIsNotIn(next?.PrivateKeys);
        return past;
    }

    /// <summary>Wipes everything but the private keys that another epoch shares.</summary>
    public void Drop(EpochState? sharing)
    {
        Secrets.Dispose();
        SecretTree.Dispose();
        PrivateKeys.DisposeWhatIsNotIn(sharing?.PrivateKeys);
    }

    public void Dispose() => Drop(null);
}

/// <summary>What is kept of an earlier epoch to open late application messages (RFC 9420 §15.3). The owner disposes it.</summary>
internal sealed record PastEpoch(GroupContext Context, RatchetTree Tree, Secret SenderData, SecretTree SecretTree) : IDisposable
{
    private SecretSource? _senderDataSource;

    /// <summary>The sender data secret made ready once for all messages of the epoch; disposed here.</summary>
    public SecretSource SenderDataSource(SuiteCrypto crypto) => _senderDataSource ??= crypto.Open(SenderData.Bytes);

    public void Dispose()
    {
        _senderDataSource?.Dispose();
        SenderData.Dispose();
        SecretTree.Dispose();
    }
}
