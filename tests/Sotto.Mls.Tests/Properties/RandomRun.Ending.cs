using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;

namespace Sotto.Mls.Tests.Properties;

/// <content>How a run ends.</content>
internal sealed partial class RandomRun
{
    private void CatchUp()
    {
        while (_welcomes.Count > 0)
            JoinByWelcome();
        foreach (var device in _people)
        {
            while (device.Group is not null && device.Cursor < _log.Entries.Count)
                TakeNext(device);
        }

        var present = Present();
        Assert.NotEmpty(present);
        Assert.All(present, device => Assert.Equal(_log.Epoch, device.Group!.Epoch.Value));
    }

    private List<Device> Present() => _people.FindAll(device => device.Group is { Status: not GroupStatus.Removed });

    /// <summary>Everybody reads everything that is still kept, and nothing of it again.</summary>
    private void ReadWhatIsLeft()
    {
        foreach (var device in Present())
        {
            foreach (var text in _texts)
            {
                for (var tries = 0; tries < 20 && !IsDone(device, text); tries++)
                    Deliver(text, device);
                if (device.Read.Contains(text.Number))
                    device.Refuse(text.Message);
            }
        }
    }

    /// <summary>Who was removed and kept all that it held before opens nothing of the epochs since, whatever epoch it is told.</summary>
    private void TryWhatWasKept()
    {
        foreach (var (removed, before) in _stolen)
        {
            using var kept = removed.LoadApart(before);
            foreach (var text in _texts.Where(text => text.Epoch > kept.Epoch.Value))
            {
                Assert.Throws<MlsException>(() => kept.Receive(text.Message).Dispose());
                var renamed = MlsMessage.Of(text.Message.PrivateMessage! with { Epoch = kept.Epoch });
                Assert.Throws<MlsException>(() => kept.Receive(renamed).Dispose());
                Count("tried by a removed member");
            }
        }
    }

    private bool IsDone(Device device, SentText text) => device == text.Sender || device.Read.Contains(text.Number)
        || text.Epoch < device.Joined || _log.Epoch - text.Epoch > PastEpochs;

    /// <summary>A linked group of all that are present.</summary>
    private void End()
    {
        var present = Present();
        var first = present[0];
        if (!first.IsActive || present.Count < 2 || present.Exists(device => device.Group!.HasPendingCommit))
            return;
        var isComplete = present.Count == first.Group!.MemberCount;
        var usage = isComplete && _choices.Below(2) == 0 ? ResumptionUsage.ReInit : ResumptionUsage.Branch;
        if (usage == ResumptionUsage.ReInit)
        {
            var reInit = new ReInitProposal(new GroupId("next"u8.ToArray()), ProtocolVersion.Mls10, _suite.Id, ExtensionList.Empty);
            var commit = first.Do(
                group => group.PrepareCommit(new CommitParameters { Proposals = [reInit], IncludeWaiting = false }, Groups.Person.Now), made => made.Message, Mishap.None)!;
            first.Release(commit);
            Assert.True(_log.TryPost(first, commit));
            CatchUp();
            Assert.All(present, device => Assert.Equal(GroupStatus.ReInitialised, device.Group!.Status));
        }

        Continue(present, usage);
    }

    private void Continue(List<Device> present, ResumptionUsage usage)
    {
        using var next = new DeviceCircle([.. present.Select(device => new Device(device.Name, _suite, _provider, _psks))]);
        var creator = next.Devices[0];
        creator.Create("next");
        var adds = next.Devices.Skip(1).Select(creator.AddOf).ToArray<Proposal>();
        var made = creator.Do(
            group => group.PrepareLinkedCommit(present[0].Group!, usage, new CommitParameters { Proposals = adds }, Groups.Person.Now),
            commit => new MadeCommitMessage(commit.Message, commit.Welcome), Mishap.None)!;
        creator.Do(group => group.PrepareMergeOfPending(), received => received, Mishap.None);
        var log = new DeliveryLog();
        log.RequireAgreement(creator.Group!);
        foreach (var (device, old) in next.Devices.Zip(present).Skip(1))
        {
            device.Join(made.Welcome!, old.Group);
            log.RequireAgreement(device.Group!);
            device.RequireWhole();
        }

        Count(usage == ResumptionUsage.ReInit ? "re-initialised" : "branched");
    }
}
