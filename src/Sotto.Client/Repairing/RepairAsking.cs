using Google.Protobuf;
using Sotto.Client.Conversations;
using Sotto.Client.Joining;
using Sotto.Client.Relays;
using Sotto.Client.Storage;
using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Trees;
using Sotto.Wire;
using Sotto.Wire.Stream;

namespace Sotto.Client.Repairing;

/// <summary>
/// Asks the other person to take this device in again, through their contact lane and never in the channel: a device that cannot
/// follow has no capability there, and an old copy must not encrypt.
/// </summary>
internal sealed class RepairAsking(RelayLink link)
{
    private static readonly TimeSpan SentAgain = TimeSpan.FromDays(20);
    private static readonly TimeSpan PackageLasts = TimeSpan.FromDays(Limits.KeyPackageDays);

    private readonly ContactDoors _doors = new(link);
    private readonly ChannelFounding _founding = new(link.State);

    /// <summary>From now on nothing is read or posted until the answer is here. The caller has entered.</summary>
    public static async Task BeginAsync(ClientState state, ConversationState conversation, Func<ConversationRecord, ConversationRecord>? change = null)
    {
        if (conversation.Record.Repair is not null || conversation.Record.IsDead)
            return;
        var record = conversation.Record with { Repair = new(), PendingCommit = null, IsRestoring = false };
        record = change?.Invoke(record) ?? record;
        await state.CommitAsync(ClientState.Save(new(), record)).ConfigureAwait(false);
        conversation.Record = record;
        state.Raise(new NoticeRaised(new(state, conversation), record.IsReadOnly ? NoticeKind.OldCopy : NoticeKind.RepairAsked));
    }

    /// <summary>Makes a request, sends it, and a new one every 20 days.</summary>
    public async Task RunAsync(ConversationState conversation, CancellationToken cancellationToken)
    {
        if (conversation.Record.PeerContact is null || conversation.Record.Repair is not { } repair)
            return;
        var again = DateTimeOffset.FromUnixTimeSeconds(repair.At) + SentAgain;
        if (repair.Request is null || link.State.Time.GetUtcNow() >= again)
            await MakeAsync(conversation, cancellationToken).ConfigureAwait(false);
        else if (repair.IsSent)
            link.WakeAt(again);
        if (conversation.Record.Repair is not { IsSent: false })
            return;
        if (conversation.Record.Repair.Posts.Length == 0)
            await SealAsync(conversation, cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var post in conversation.Record.Repair?.Posts ?? [])
                await link.Stream.AskAsync(new() { Post = Post.Parser.ParseFrom(post) }, cancellationToken).ConfigureAwait(false);
            await ChangeAsync(conversation, before => before with { IsSent = true, Posts = [] }, cancellationToken).ConfigureAwait(false);
        }
        catch (RelayRefusedException refused) when (!refused.IsPassing)
        {
            // They may be reached elsewhere by then.
            await ChangeAsync(conversation, before => before with { Posts = [] }, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>KeyPackage with its private keys, number and request in one transaction.</summary>
    private async Task MakeAsync(ConversationState conversation, CancellationToken cancellationToken)
    {
        using (await link.State.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            var (record, account, now) = (conversation.Record, link.State.RequireAccount(), link.State.Time.GetUtcNow());
            if (record.Repair is null)
                return;
            var number = Math.Max(record.RepairNumber + 1, (ulong)now.ToUnixTimeMilliseconds());
            var mark = new RepairMark(record.Group, number);
            var parameters = new KeyPackageParameters(account.DeviceKey, account.Credential, Lifetime.From(now, PackageLasts))
            {
                LeafExtensions = new ExtensionList([new LeafInfo(null, account.List, null).ToExtension(), mark.ToExtension()]),
            };
            using var keys = link.State.Mls.CreateKeyPackage(ClientState.Suite, parameters);
            var package = MlsMessage.Of(keys.KeyPackage).Encoded;
            var request = new RepairRequest(record.Id, record.Group, conversation.Group.Epoch.Value, package, number, OwnLeaf.ReachOf(link.State, record)).Sign(account.DeviceKey);
            var changed = record with { RepairNumber = number, Repair = new() { Number = number, Request = request, At = now.ToUnixTimeSeconds() } };
            var changes = ClientState.Save(new(), changed)
                .Save(new(StoreTable.KeyPackages, default, KeyPackageNames.Of(link.State.Crypto, keys.KeyPackage.Encoded.Span)), keys.Encode());
            await link.State.CommitAsync(changes).ConfigureAwait(false);
            conversation.Record = changed;
        }
    }

    private async Task SealAsync(ConversationState conversation, CancellationToken cancellationToken)
    {
        var record = conversation.Record;
        var targets = await _doors.FindAsync(record, cancellationToken).ConfigureAwait(false);
        var posts = targets.Select(target =>
            _founding.IntroPost(new(record.Peer), target, record.Relay, record.PeerContact!.Lane, RepairRequest.IntroKind, record.Repair!.Request!).ToByteArray()).ToArray();
        await ChangeAsync(conversation, before => before with { Posts = posts }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Unless the answer came meanwhile.</summary>
    private Task ChangeAsync(ConversationState conversation, Func<RepairState, RepairState> change, CancellationToken cancellationToken) =>
        link.State.ChangeAsync(conversation, before => before.Repair is { } repair ? before with { Repair = change(repair) } : before, cancellationToken);
}
