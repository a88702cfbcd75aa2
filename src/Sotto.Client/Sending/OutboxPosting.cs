using System.Collections.Concurrent;
using Sotto.Client.Conversations;
using Sotto.Client.Receiving;
using Sotto.Client.Relays;
using Sotto.Wire;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Client.Sending;

/// <summary>From the outbox to the relay, on one connection.</summary>
internal sealed class OutboxPosting(RelayLink link)
{
    /// <summary>By order: whether the relay has taken it.</summary>
    private readonly ConcurrentDictionary<ulong, bool> _posting = [];
    private readonly ConcurrentDictionary<ulong, bool> _refused = [];
    private readonly Receiver _receiver = new(link.State, link.Contents, link.Relay.IdentityKey);

    /// <summary>Whether something may wait for an answer that is on its way.</summary>
    private volatile bool _holds;

    /// <summary>
    /// Posts what lies in the outbox, in order and without waiting for answers one by one. As long as it is not known whether one
    /// was taken, nothing of another epoch goes after it: refused it would come later, and readers drop what comes late.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var unanswered = new Dictionary<Bytes16, ulong>();
        var held = new HashSet<Bytes16>();
        _holds = true;
        foreach (var (order, row) in await WaitingAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!link.State.Conversations.TryGetValue(row.Conversation, out var conversation) || conversation.Record.Relay != link.Fingerprint || !conversation.IsCaughtUp || conversation.Record.SendsAgain)
                continue;
            if (held.Contains(row.Conversation))
                continue;
            var isRefused = _refused.ContainsKey(order);
            if (!isRefused && _posting.TryGetValue(order, out var isTaken))
            {
                if (!isTaken)
                    unanswered[row.Conversation] = row.Epoch;
                continue;
            }

            var epoch = isRefused ? conversation.Group.Epoch.Value : row.Epoch;
            if ((isRefused && row.Epoch == epoch) || (unanswered.TryGetValue(row.Conversation, out var before) && before != epoch))
            {
                held.Add(row.Conversation);
                continue;
            }

            var current = isRefused ? await RenewAsync(conversation, order, cancellationToken).ConfigureAwait(false) : row;
            if (current is null)
                continue;
            unanswered[row.Conversation] = current.Epoch;
            _posting[order] = false;
            _ = FollowAsync(order, link.Stream.AskAsync(new() { Post = Post.Parser.ParseFrom(current.Post) }, cancellationToken), cancellationToken);
        }

        _holds = held.Count > 0;
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
            _posting.TryUpdate(order, true, false);
            if (_holds)
                link.Wake();
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
