using Sotto.Mls.Framing;
using Sotto.Mls.Proposals;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Tests.Properties;

/// <content>Coming, coming back and restarting.</content>
internal sealed partial class RandomRun
{
    private void JoinByWelcome()
    {
        if (_welcomes.Count == 0)
            return;
        var (joiner, welcome, cursor) = Pick(_welcomes);
        _welcomes.Remove((joiner, welcome, cursor));
        if (joiner.Group is not null)
            return;
        try
        {
            joiner.Join(welcome);
        }
        catch (MlsException refused) when (refused.Rule == MlsRule.PskAvailable)
        {
            // A resumption PSK went into the commit, which only those who were there have.
            Count("could not join");
            return;
        }

        joiner.Cursor = cursor;
        See(joiner);
        Did(joiner, "joined by Welcome");
    }

    private void JoinFromOutside()
    {
        var door = _people.Find(person => person.IsActive && person.Group!.Epoch.Value == _log.Epoch);
        if (door is null)
            return;
        var joiner = _choices.Below(2) == 0 ? Pick(_people) : AnyOutsider();
        if (joiner is null || joiner == door || (joiner.IsActive && joiner.Group!.Epoch.Value != _log.Epoch) || _welcomes.Exists(welcome => welcome.Joiner == joiner))
            return;
        LeafIndex? instead = joiner.IsActive ? joiner.Group!.OwnIndex : null;
        if (instead is null && door.Group!.Members.Count() >= MostPeople)
            return;
        var selfRemoves = _log.Entries.Where(entry => entry.Message.Epoch == door.Group!.Epoch && IsSelfRemove(entry)).ToList();
        selfRemoves.RemoveAll(entry => entry.Sender == joiner || entry.Sender == door);
        var commit = joiner.JoinFromOutside(
            door.Group!.MakeGroupInfo(), instead, [.. selfRemoves.DistinctBy(entry => entry.Sender).Select(entry => entry.Message)], _choices.Below(2) == 0);
        if (instead is null && _choices.Below(2) == 0 && _people.Find(person => person.Unposted is not null) is { } rival)
            Settle(rival);
        if (!_log.TryPost(joiner, commit))
        {
            joiner.Leave();
            Count("external commit lost");
            return;
        }

        joiner.Cursor = _log.Entries.Count;
        See(joiner);
        Did(joiner, instead is null ? "joined from outside" : "resynced");
    }

    private static bool IsSelfRemove(LogEntry entry) =>
        entry.Message.PublicMessage?.Content.Content.Body is ProposalBody { Proposal: SelfRemoveProposal };

    private void Restart(Device device)
    {
        if (device.Group is null)
            return;
        var before = Groups.Person.StateHash(device.Group);
        device.Restart();
        Assert.Equal(before, Groups.Person.StateHash(device.Group));
        Did(device, "restarted");
    }
}
