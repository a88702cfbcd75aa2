using System.Text;
using Sotto.Mls.Groups;

namespace Sotto.Mls.Tests.Properties;

/// <content>Texts: said, lost, late, repeated.</content>
internal sealed partial class RandomRun
{
    private void Say(Device device)
    {
        if (!device.IsActive || device.Group!.WaitingProposals.Count > 0)
            return;
        var number = _texts.Count;
        var said = device.Do(group => group.PrepareMessage(Encoding.UTF8.GetBytes($"text {number}")), made => made.Message, AnyMishap());
        if (said is not null)
            _texts.Add(new SentText(number, device, device.Release(said), device.Group!.Epoch.Value));
        Did(device, "said");
    }

    private void Deliver(SentText text, Device device)
    {
        if (device.Group is null || device.Group.Status == GroupStatus.Removed || device == text.Sender)
            return;
        var own = device.Group.Epoch.Value;
        var isReadable = text.Epoch <= own && own - text.Epoch <= PastEpochs && text.Epoch >= device.Joined && !device.Read.Contains(text.Number);
        if (!isReadable)
        {
            device.Refuse(text.Message);
            Count("texts refused");
            return;
        }

        var mishap = AnyMishap();
        device.Do(
            group => Assert.IsType<ReceivedApplication>(group.Receive(text.Message)),
            received =>
            {
                Assert.Equal($"text {text.Number}", Encoding.UTF8.GetString(received.Data.Span));
                return received;
            },
            mishap);
        if (mishap != Mishap.GivenUp)
            device.Read.Add(text.Number);
        Did(device, own == text.Epoch ? "read" : "read late");
    }
}
