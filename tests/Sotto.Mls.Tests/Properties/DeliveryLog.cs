using Sotto.Mls.Framing;
using Sotto.Mls.Groups;

namespace Sotto.Mls.Tests.Properties;

/// <summary>An entry of the log: a proposal or a commit that the delivery service took.</summary>
internal sealed record LogEntry(int Index, Device Sender, MlsMessage Message)
{
    public bool IsCommit => Message.ContentType == ContentType.Commit;
}

/// <summary>A text that was sent, and who may read it: the members of its epoch, as its sender saw them.</summary>
internal sealed record SentText(int Number, Device Sender, MlsMessage Message, ulong Epoch);

/// <summary>
/// A delivery service that takes of each epoch any number of proposals and the first commit, and a record of what each
/// epoch is, to hold everybody's against.
/// </summary>
internal sealed class DeliveryLog
{
    private readonly List<LogEntry> _entries = [];
    private readonly Dictionary<ulong, (string Authenticator, string Tree, string Members)> _epochs = [];

    public ulong Epoch { get; private set; }

    public IReadOnlyList<LogEntry> Entries => _entries;

    public bool TryPost(Device sender, MlsMessage message)
    {
        if (message.Epoch!.Value.Value != Epoch)
            return false;
        var entry = new LogEntry(_entries.Count, sender, message);
        _entries.Add(entry);
        if (entry.IsCommit)
            Epoch++;
        return true;
    }

    /// <summary>Everybody who is in an epoch agrees on what it is.</summary>
    public void RequireAgreement(MlsGroup group)
    {
        var own = (
            Convert.ToHexString(group.EpochAuthenticator.Span), Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(group.EncodeTree())),
            string.Join(' ', group.Members.Select(member => $"{member.Index}:{Convert.ToHexString(member.Leaf.SignatureKey.Span[..4])}")));
        if (!_epochs.TryAdd(group.Epoch.Value, own))
            Assert.Equal(_epochs[group.Epoch.Value], own);
    }
}
