using Sotto.Mls.Proposals;

namespace Sotto.Mls.Groups;

/// <summary>Everything that a member holds of a group, over all epochs. The owner disposes it.</summary>
internal sealed class GroupMemory(EpochState epoch) : IDisposable
{
    private bool _epochTaken;

    public EpochState Epoch { get; set; } = epoch;

    public GroupStatus Status { get; set; } = GroupStatus.Active;

    /// <summary>How the group was ended for another one; null as long as it was not.</summary>
    public ReInitProposal? ReInit { get; set; }

    /// <summary>Past epochs whose late messages still open, the oldest first.</summary>
    public List<PastEpoch> Past { get; } = [];

    /// <summary>Resumption PSKs of past epochs.</summary>
    public SortedDictionary<ulong, Secret> Resumption { get; } = [];

    /// <summary>Proposals of the current epoch.</summary>
    public ProposalQueue Queue { get; } = new();

    /// <summary>An own commit that waits; null when there is none.</summary>
    public PendingCommit? Pending { get; set; }

    /// <summary>The resumption PSK of an epoch; null when it is not kept. The caller disposes the result.</summary>
    public Secret? FindResumption(Epoch epoch)
    {
        if (epoch == Epoch.Context.Epoch)
            return Secret.CopyOf(Epoch.Secrets.Resumption.Bytes);
        return Resumption.TryGetValue(epoch.Value, out var secret) ? Secret.CopyOf(secret.Bytes) : null;
    }

    /// <summary>Enters the next epoch; what the old one does not share with it is wiped or becomes a past epoch.</summary>
    public void Enter(EpochState next, ReInitProposal? reInit, MlsLimits limits)
    {
        Queue.Clear();
        Pending?.DropUnless(next, Epoch);
        Pending = null;

        Resumption.Add(Epoch.Context.Epoch.Value, Secret.CopyOf(Epoch.Secrets.Resumption.Bytes));
        while (Resumption.Count > limits.PastResumptionPsks)
        {
            var oldest = Resumption.First();
            Resumption.Remove(oldest.Key);
            oldest.Value.Dispose();
        }

        Past.Add(Epoch.EndAfter(next));
        while (Past.Count > limits.PastEpochs)
        {
            Past[0].Dispose();
            Past.RemoveAt(0);
        }

        Epoch = next;
        if (reInit is not null)
        {
            ReInit = reInit;
            Status = GroupStatus.ReInitialised;
        }
    }

    public void Dispose() => WipeSecrets();

    /// <summary>Gives the epoch away, to be disposed by the caller; everything else is still wiped here.</summary>
    public EpochState TakeEpoch()
    {
        _epochTaken = true;
        return Epoch;
    }

    /// <summary>Wipes every secret; what is public stays readable.</summary>
    public void WipeSecrets()
    {
        Pending?.DropUnless(null, Epoch);
        Pending = null;
        Queue.Clear();
        if (!_epochTaken)
            Epoch.Dispose();
        foreach (var past in Past)
            past.Dispose();
        foreach (var secret in Resumption.Values)
            secret.Dispose();
        Past.Clear();
        Resumption.Clear();
    }
}

/// <summary>An own commit that was handed out and is neither accepted nor lost yet.</summary>
/// <param name="MessageHash">The hash of its MLSMessage, by which its echo is known.</param>
/// <param name="Content">The AuthenticatedContent of the commit.</param>
/// <param name="Change">What merging it changes in storage, encoded.</param>
/// <param name="Outcome">What merging it does; null when it was loaded and is built again from storage.</param>
internal sealed record PendingCommit(byte[] MessageHash, byte[] Content, byte[] Change, CommitOutcome? Outcome)
{
    /// <summary>Wipes the epoch that it would have begun, unless that is the one that begins.</summary>
    public void DropUnless(EpochState? next, EpochState shared)
    {
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(Change);
        if (Outcome?.Next is { } unused && !ReferenceEquals(unused, next))
            unused.Drop(shared);
    }
}
