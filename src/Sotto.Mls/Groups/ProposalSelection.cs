using Sotto.Mls.Credentials;
using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Groups;

/// <summary>
/// Chooses which waiting proposals a commit takes up, so that they make a valid list together with what the committer
/// commits by value (RFC 9420 §12.2, §12.4.1). What does not fit stays out: no member can keep the others from committing.
/// Each kind is gone through once; members that stay are judged by their leaves as they are.
/// </summary>
internal sealed class ProposalSelection
{
    private readonly EpochState _group;
    private readonly MlsClientOptions _options;
    private readonly PskFinder _psks;
    private readonly DateTimeOffset _now;
    private readonly IReadOnlyList<QueuedProposal> _candidates;
    private readonly IReadOnlyList<Proposal> _byValue;
    private readonly HashSet<QueuedProposal> _taken = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<LeafIndex> _removed;
    private readonly HashSet<ReadOnlyMemory<byte>> _encryptionKeys = new(TreeValidator.KeyComparer.Instance);
    private readonly ClientSet _clients;
    private readonly SharedSupport _support = new();
    private ExtensionList _extensions;
    private RequiredCapabilities? _required;
    private int _room;

    private ProposalSelection(
        EpochState group, MlsClientOptions options, PskFinder psks, DateTimeOffset now,
        IReadOnlyList<QueuedProposal> candidates, IReadOnlyList<Proposal> byValue)
    {
        (_group, _options, _psks, _now) = (group, options, psks, now);
        (_candidates, _byValue) = (candidates, byValue);
        _removed = [.. byValue.OfType<RemoveProposal>().Select(remove => remove.Removed)];
        _clients = new ClientSet(options.Authentication);
        _extensions = byValue.OfType<GroupContextExtensionsProposal>().FirstOrDefault()?.Extensions ?? group.Context.Extensions;
        _required = RequiredCapabilities.From(_extensions);
        _room = options.Limits.Proposals - byValue.Count;
    }

    /// <summary>The proposals to take up, in the order of their arrival.</summary>
    /// <param name="group">The group before the commit.</param>
    /// <param name="options">The application's hooks and limits.</param>
    /// <param name="psks">Finds the keys that PreSharedKey proposals name.</param>
    /// <param name="waiting">What waits.</param>
    /// <param name="byValue">What the committer commits by value.</param>
    /// <param name="parameters">What the commit does.</param>
    /// <param name="now">The time at which added leaves must be valid.</param>
    public static List<QueuedProposal> Choose(
        EpochState group, MlsClientOptions options, PskFinder psks, IReadOnlyList<QueuedProposal> waiting,
        IReadOnlyList<Proposal> byValue, CommitParameters parameters, DateTimeOffset now)
    {
        List<QueuedProposal> candidates = [.. waiting.Where(proposal => IsCandidate(proposal.Sent, group.Own, parameters))];
        if (candidates.Count == 0 || byValue.Any(proposal => proposal is ReInitProposal))
            return [];

        var choice = new ProposalSelection(group, options, psks, now, candidates, byValue);
        choice.TakeRemovals();
        choice.LookAtMembers(parameters.Leaf);
        choice.TakeUpdates();
        choice.TakeExtensions();
        choice.TakeCustom();
        choice.TakeAdds();
        choice.TakePsks(parameters.IncludeWaitingPsks);
        choice.TakeReInit();
        return [.. candidates.Where(choice._taken.Contains)];
    }

    /// <summary>Others' pre-shared keys and ReInits only when the application says so: they can keep members out, or end the group.</summary>
    private static bool IsCandidate(SentProposal sent, LeafIndex committer, CommitParameters parameters)
    {
        var isOwn = sent.Sender.Type == SenderType.Member && sent.Sender.Leaf == committer;
        return !ConcernsCommitter(sent, committer) && sent.Proposal switch
        {
            PreSharedKeyProposal => isOwn || parameters.IncludeWaitingPsks,
            ReInitProposal => isOwn || parameters.IncludeWaitingReInit,
            _ => true,
        };
    }

    private static bool ConcernsCommitter(SentProposal sent, LeafIndex committer) => sent.Proposal switch
    {
        UpdateProposal or SelfRemoveProposal => sent.Sender.Leaf == committer,
        RemoveProposal remove => remove.Removed == committer,
        _ => false,
    };

    /// <summary>A leaf goes once, and rather by its own wish. All that stay must know SelfRemove.</summary>
    private void TakeRemovals()
    {
        var leaving = Of<SelfRemoveProposal>(_candidates).Select(waiting => waiting.Waiting.Sent.Sender.Leaf).ToHashSet();
        TakeRemoves(remove => !leaving.Contains(remove.Removed));
        TakeSelfRemoves();
        TakeRemoves(_ => true);
    }

    private void TakeRemoves(Func<RemoveProposal, bool> which)
    {
        foreach (var (waiting, remove) in Of<RemoveProposal>(_candidates))
        {
            if (which(remove) && !_removed.Contains(remove.Removed) && Take(waiting))
                _removed.Add(remove.Removed);
        }
    }

    private void TakeSelfRemoves()
    {
        var unaware = _group.Tree.Leaves()
            .Where(leaf => !_removed.Contains(leaf.Index) && !leaf.Leaf.Capabilities.SupportsProposal(ProposalTypes.SelfRemove))
            .Select(leaf => leaf.Index).ToHashSet();
        foreach (var (waiting, _) in Of<SelfRemoveProposal>(_candidates))
        {
            var leaf = waiting.Sent.Sender.Leaf;
            if (unaware.Count == (unaware.Contains(leaf) ? 1 : 0) && !_removed.Contains(leaf) && Take(waiting))
            {
                _removed.Add(leaf);
                unaware.Remove(leaf);
            }
        }
    }

    /// <summary>Notes the keys, clients and capabilities of who stays, and of who and what comes by value.</summary>
    private void LookAtMembers(LeafChange change)
    {
        foreach (var (index, leaf) in _group.Tree.Leaves())
        {
            if (!_removed.Contains(index))
                TakeIn(leaf);
        }

        foreach (var (_, parent) in _group.Tree.Parents())
            _encryptionKeys.Add(parent.EncryptionKey);
        foreach (var add in _byValue.OfType<AddProposal>())
            TakeIn(add.KeyPackage.LeafNode);
        if (change.SigningKey is { } key)
            _clients.AddKey(key.PublicKey.ToArray());
        var extensions = change.Extensions ?? _group.OwnLeaf.Extensions;
        _support.Add(change.Credential ?? _group.OwnLeaf.Credential, OwnLeafMaker.CapabilitiesFor(_options, extensions));
    }

    /// <summary>Of several by one member the last that fits.</summary>
    private void TakeUpdates()
    {
        var updated = new HashSet<LeafIndex>();
        foreach (var (waiting, update) in Of<UpdateProposal>(_candidates).Reverse())
        {
            var sender = waiting.Sent.Sender.Leaf;
            var leaf = update.LeafNode;
            if (_removed.Contains(sender) || updated.Contains(sender) || _encryptionKeys.Contains(leaf.EncryptionKey) || !_support.GoesWith(leaf, _extensions, _required))
                continue;
            var replaced = _group.Tree.Leaf(sender)!;
            if (!_options.Authentication.IsValid(new(CredentialOccasion.Update, leaf, replaced)))
                continue;
            var keepsKey = leaf.SignatureKey.SameAs(replaced.SignatureKey);
            if ((!keepsKey && _clients.ContainsKey(leaf.SignatureKey)) || !Take(waiting))
                continue;
            updated.Add(sender);
            _clients.AddKey(leaf.SignatureKey);
            _encryptionKeys.Add(leaf.EncryptionKey);
            _support.Add(leaf);
        }
    }

    /// <summary>Of several the last that all support; none beside one by value.</summary>
    private void TakeExtensions()
    {
        if (_byValue.Any(proposal => proposal is GroupContextExtensionsProposal))
            return;
        foreach (var (waiting, replaces) in Of<GroupContextExtensionsProposal>(_candidates).Reverse())
        {
            var required = RequiredCapabilities.From(replaces.Extensions);
            if (!_support.Supports(replaces.Extensions, required) || !SendersAreValid(replaces.Extensions) || !Take(waiting))
                continue;
            (_extensions, _required) = (replaces.Extensions, required);
            return;
        }
    }

    private bool SendersAreValid(ExtensionList extensions)
    {
        var known = ExternalSender.From(_group.Context.Extensions);
        return ExternalSender.From(extensions).All(sender => known.Contains(sender) || _options.Authentication.IsValidSender(sender));
    }

    /// <summary>Each once, and only what is here. Beside Adds when the application says so: who is new may not have the keys.</summary>
    private void TakePsks(bool besideAdds)
    {
        if (!besideAdds && (_byValue.Any(proposal => proposal is AddProposal) || _taken.Any(taken => taken.Sent.Proposal is AddProposal)))
            return;
        var named = _byValue.OfType<PreSharedKeyProposal>().Select(psk => psk.Psk).ToHashSet();
        foreach (var (waiting, psk) in Of<PreSharedKeyProposal>(_candidates))
        {
            if (!named.Contains(psk.Psk) && IsHere(psk.Psk) && Take(waiting))
                named.Add(psk.Psk);
        }
    }

    private bool IsHere(PreSharedKeyId psk)
    {
        try
        {
            _psks.Find([psk]).Dispose();
            return true;
        }
        catch (MlsException)
        {
            return false;
        }
    }

    private void TakeCustom()
    {
        foreach (var (waiting, custom) in Of<CustomProposal>(_candidates))
        {
            if (_support.Supports(custom.Type))
                Take(waiting);
        }
    }

    /// <summary>Who is valid now, is not there yet, brings new keys and supports what the group asks for, while there are leaves.</summary>
    private void TakeAdds()
    {
        var leaves = TreeMath.WidthFor(_options.Limits.Leaves) - _byValue.Count(proposal => proposal is AddProposal)
            - _group.Tree.Leaves().Count(leaf => !_removed.Contains(leaf.Index));
        foreach (var (waiting, add) in Of<AddProposal>(_candidates))
        {
            var leaf = add.KeyPackage.LeafNode;
            if (leaves <= 0 || leaf.Lifetime?.Contains(_now) != true || _clients.Contains(leaf) || _encryptionKeys.Contains(leaf.EncryptionKey)
                || !_support.GoesWith(leaf, _extensions, _required)
                || !_options.Authentication.IsValid(new(CredentialOccasion.Add, leaf, null)) || !Take(waiting))
            {
                continue;
            }

            leaves--;
            TakeIn(leaf);
        }
    }

    /// <summary>The last one, and only when there is nothing else: a ReInit stands alone.</summary>
    private void TakeReInit()
    {
        if (_byValue.Count == 0 && _taken.Count == 0 && Of<ReInitProposal>(_candidates).LastOrDefault() is { Waiting: { } last })
            Take(last);
    }

    private void TakeIn(LeafNode leaf)
    {
        _clients.Add(leaf);
        _encryptionKeys.Add(leaf.EncryptionKey);
        _support.Add(leaf);
    }

    private bool Take(QueuedProposal waiting)
    {
        if (_room <= 0)
            return false;
        _room--;
        return _taken.Add(waiting);
    }

    private static IEnumerable<(QueuedProposal Waiting, TProposal Proposal)> Of<TProposal>(IReadOnlyList<QueuedProposal> waiting)
        where TProposal : Proposal
    {
        foreach (var one in waiting)
        {
            if (one.Sent.Proposal is TProposal proposal)
                yield return (one, proposal);
        }
    }
}
