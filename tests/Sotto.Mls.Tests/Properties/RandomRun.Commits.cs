using Sotto.Mls.Framing;
using Sotto.Mls.Groups;

namespace Sotto.Mls.Tests.Properties;

/// <content>Proposals and commits, and the race for the delivery service.</content>
internal sealed partial class RandomRun
{
    private void Propose(Device device)
    {
        if (!device.IsActive)
            return;
        var encrypt = _choices.Below(2) == 0;
        var parameters = new MessageParameters { Encrypt = encrypt };
        var isUpdate = _choices.Below(3) == 0;
        try
        {
            var proposed = isUpdate
                ? device.Do(group => group.PrepareUpdate(AnyLeafChange(device), parameters), made => made.Message, AnyMishap())
                : device.Do(group => group.PrepareProposal(AnyProposal(device, byValue: false), parameters), made => made.Message, AnyMishap());
            if (proposed is not null)
                _log.TryPost(device, device.Release(proposed));
            Did(device, isUpdate ? "update proposed" : "proposed");
        }
        catch (MlsException)
        {
            Did(device, "proposal not made");
        }
    }

    private void Commit(Device device)
    {
        if (!device.IsActive || device.Group!.HasPendingCommit)
            return;
        var parameters = new CommitParameters
        {
            Proposals = [.. Enumerable.Range(0, _choices.Below(3)).Select(_ => AnyProposal(device, byValue: true))],
            Encrypt = _choices.Below(2) == 0,
            ForcePath = _choices.Below(3) == 0,
            IncludeWaiting = _choices.Below(4) > 0,
            Leaf = AnyLeafChange(device),
        };
        try
        {
            var made = device.Do(
                group => group.PrepareCommit(parameters, Groups.Person.Now), commit => new MadeCommitMessage(commit.Message, commit.Welcome), AnyMishap());
            if (made is not null)
                device.Unposted = (device.Release(made.Commit), made.Welcome);
            Did(device, "commit made");
        }
        catch (MlsException)
        {
            Did(device, "commit not made");
            return;
        }

        if (_choices.Below(4) > 0)
            Settle(device);
    }

    /// <summary>A commit that waits is posted, and entered or given up; one whose message was lost in a crash is given up.</summary>
    private void Settle(Device device)
    {
        if (!device.IsActive || !device.Group!.HasPendingCommit)
            return;
        if (device.Unposted is { } waiting && _log.TryPost(device, waiting.Commit))
        {
            Count("commits accepted");
            Admit(device.Group, waiting.Commit, waiting.Welcome);
            device.Unposted = null;
            if (_choices.Below(2) == 0)
                TakeNext(device);
            return;
        }

        if (IsOwnNext(device))
            return;
        device.Do(group => group.PrepareDropOfPending(), dropped => dropped, AnyMishap());
        if (!device.Group!.HasPendingCommit)
            device.Unposted = null;
        Did(device, "commit dropped");
    }

    private void Admit(MlsGroup group, MlsMessage commit, Welcome? welcome)
    {
        if (welcome is null)
            return;
        var cursor = _log.Entries.Count;
        Assert.Equal(group.Epoch.Value, commit.Epoch!.Value.Value);
        foreach (var joiner in _people.Where(person => person.IsInvitedBy(welcome)))
            _welcomes.Add((joiner, welcome, cursor));
    }

    /// <summary>Whether the own commit that is pending was accepted and comes back some time.</summary>
    private bool IsOwnNext(Device device) => _log.Entries.Skip(device.Cursor).Any(entry => entry.IsCommit && entry.Sender == device
        && entry.Message.Epoch!.Value == device.Group!.Epoch);

    private void TakeNext(Device device)
    {
        if (device.Group is null || device.Group.Status == GroupStatus.Removed || device.Cursor >= _log.Entries.Count)
            return;
        var entry = _log.Entries[device.Cursor];
        if (entry.Sender == device && !entry.IsCommit || device.TakenEarly.Contains(entry.Index))
        {
            device.Cursor++;
            return;
        }

        var mishap = AnyMishap();
        var isOwn = entry.IsCommit && entry.Sender == device;
        var before = entry.IsCommit ? device.CopyStored() : null;
        if (isOwn && _choices.Below(2) == 0)
            device.Do(group => group.PrepareMergeOfPending(), received => received, mishap);
        else
            device.Do(group => group.Receive(entry.Message), received => received, mishap);
        if (mishap == Mishap.GivenUp)
            return;
        device.Cursor++;
        if (entry.IsCommit)
            device.Unposted = null;
        if (device.Group is null || device.Group.Status == GroupStatus.Removed)
        {
            Count("removed");
            device.Leave();
            _stolen.Add((device, before!));
            return;
        }

        See(device);
        Did(device, isOwn ? "own commit entered" : entry.IsCommit ? "commit followed" : "proposal taken");
    }

    /// <summary>Entries out of their order and again: only a proposal of the same epoch may be taken early.</summary>
    private void Meddle(Device device)
    {
        if (device.Group is null || device.Group.Status == GroupStatus.Removed || _log.Entries.Count == 0)
            return;
        var entry = Pick(_log.Entries);
        var isFresh = entry.Index >= device.Cursor && !device.TakenEarly.Contains(entry.Index) && entry.Sender != device;
        if (entry.Message.Epoch == device.Group.Epoch && (isFresh || (entry.Sender == device && entry.IsCommit)) && entry.Index >= device.Cursor)
        {
            if (entry.IsCommit)
                return;
            device.Do(group => Assert.IsType<ReceivedProposal>(group.Receive(entry.Message)), received => received, Mishap.None);
            device.TakenEarly.Add(entry.Index);
            Did(device, "proposal taken early");
            return;
        }

        if (entry.Message.Epoch == device.Group.Epoch && entry.Message.Format == WireFormat.PublicMessage && !entry.IsCommit)
        {
            var before = Groups.Person.StateHash(device.Group);
            device.Do(group => group.Receive(entry.Message), received => received, Mishap.None);
            Assert.Equal(before, Groups.Person.StateHash(device.Group!));
        }
        else
        {
            device.Refuse(entry.Message);
        }

        Did(device, "entry out of turn");
    }
}
