using System.Collections.Concurrent;
using Sotto.Client.Conversations;
using Sotto.Client.Receiving;
using Sotto.Client.Relays;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Client.Sending;

/// <summary>From the outbox to the relay, on one connection.</summary>
internal sealed class OutboxPosting(RelayLink link)
{
    private readonly ConcurrentDictionary<ulong, bool> _posting = [];
    private readonly ConcurrentDictionary<ulong, bool> _refused = [];
    private readonly Receiver _receiver = new(link.State, link.Contents, link.Relay.IdentityKey);

    /// <summary>Posts what lies in the outbox, in order and without waiting for answers one by one.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var (order, row) in await WaitingAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!link.State.Conversations.TryGetValue(row.Conversation, out var conversation) || conversation.Record.Relay != link.Fingerprint || !conversation.IsCaughtUp || conversation.Record.SendsAgain)
                continue;
            if (!_refused.ContainsKey(order) && _posting.ContainsKey(order))
                continue;
            var current = row;
            if (_refused.ContainsKey(order))
            {
                if (row.Epoch == conversation.Group.Epoch.Value || await RenewAsync(conversation, order, cancellationToken).ConfigureAwait(false) is not { } renewed)
                    continue;
                current = renewed;
            }

            _posting[order] = true;
            _ = FollowAsync(order, link.Stream.AskAsync(new() { Post = Post.Parser.ParseFrom(current.Post) }, cancellationToken), cancellationToken);
        }
    }

    private async Task<List<KeyValuePair<ulong, OutboxRecord>>> WaitingAsync(CancellationToken cancellationToken)
    {
        using (await link.State.EnterQuietlyAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach (var done in _posting.Keys.Where(order => !link.State.Outbox.ContainsKey(order)))
                _posting.TryRemove(done, out _);
            return [.. link.State.Outbox];
        }
    }

    /// <summary>
    /// Only what the relay refused is encrypted anew: what it may have taken would come twice. Null when its echo came
    /// meanwhile.
    /// </summary>
    private async Task<OutboxRecord?> RenewAsync(ConversationState conversation, ulong order, CancellationToken cancellationToken)
    {
        using (await link.State.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            _refused.TryRemove(order, out _);
            return link.State.Outbox.ContainsKey(order) ? await link.Contents.RenewAsync(conversation, order).ConfigureAwait(false) : null;
        }
    }

    /// <summary>Taken by the relay means sent; the echo makes it durable. A refused writer reads on and encrypts anew.</summary>
    private async Task FollowAsync(ulong order, Task<Frame> answer, CancellationToken cancellationToken)
    {
        try
        {
            await answer.ConfigureAwait(false);
        }
        catch (RelayRefusedException refused) when (refused.Problem is RelayProblem.Stale or RelayProblem.Refused)
        {
            // The entry that made this one late is on its way, or was read while this one was.
            _refused[order] = true;
            if (refused.Problem == RelayProblem.Refused)
                await SuspectAsync(order).ConfigureAwait(false);
            link.Wake();
        }
        catch (RelayRefusedException)
        {
            _posting.TryRemove(order, out _);
        }
        catch (Exception gone) when (gone is RelayUnreachableException or OperationCanceledException)
        {
            // The next connection posts it again, and the relay gives the first answer.
        }
    }

    /// <summary>
    /// The capability of the newest epoch was refused. When the channel, opened again, stands at that very number and refuses it again,
    /// somebody told the relay another one: the channel is dead.
    /// </summary>
    private async Task SuspectAsync(ulong order)
    {
        using (await link.State.EnterAsync(CancellationToken.None).ConfigureAwait(false))
        {
            if (link.MustReopen || !link.State.Outbox.TryGetValue(order, out var row)
                || !link.State.Conversations.TryGetValue(row.Conversation, out var conversation) || conversation.IsStopped)
                return;
            var epoch = conversation.Group.Epoch.Value;
            if (row.Epoch != epoch || conversation.NumberAtRelay > epoch)
                return;
            if (conversation.NumberAtRelay == epoch && conversation.RefusedIn == epoch)
            {
                await _receiver.DieAsync(conversation).ConfigureAwait(false);
                return;
            }

            conversation.RefusedIn = conversation.NumberAtRelay == epoch ? epoch : null;
            link.MustReopen = true;
        }
    }
}
