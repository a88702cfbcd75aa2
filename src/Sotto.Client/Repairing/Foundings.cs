using Google.Protobuf;
using Sotto.Client.Conversations;
using Sotto.Client.Joining;
using Sotto.Client.Relays;
using Sotto.Client.Storage;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Client.Repairing;

/// <summary>
/// Takes a Welcome to a contact one stored step after the other: of a reset from the claim of KeyPackages on, of the answer to a
/// repair request from the commit that won.
/// </summary>
internal sealed class Foundings(RelayLink link, Resetting resetting)
{
    private readonly ChannelFounding _founding = new(link.State);
    private readonly ContactDoors _doors = new(link);

    /// <summary>As far as it goes now.</summary>
    public async Task RunAsync(ConversationState conversation, CancellationToken cancellationToken)
    {
        while (link.State.Foundings.TryGetValue(conversation.Record.Id, out var founding) && founding is not { Repair: not null, Stage: FoundingStage.Committing })
            await StepAsync(conversation, founding, cancellationToken).ConfigureAwait(false);
    }

    private Task StepAsync(ConversationState conversation, FoundingRecord founding, CancellationToken cancellationToken) => founding.Stage switch
    {
        FoundingStage.Claiming => ClaimAsync(conversation, founding, cancellationToken),
        FoundingStage.Building => resetting.BuildAsync(conversation, founding, cancellationToken),
        FoundingStage.CreatingChannel => CreateChannelAsync(conversation, founding, cancellationToken),
        FoundingStage.Committing => CommitAsync(conversation, founding, cancellationToken),
        FoundingStage.Uploading => UploadAsync(conversation, founding, cancellationToken),
        FoundingStage.Introducing => IntroduceAsync(conversation, founding, cancellationToken),
        _ => throw new InvalidOperationException("There is no such step."),
    };

    private async Task ClaimAsync(ConversationState conversation, FoundingRecord founding, CancellationToken cancellationToken)
    {
        var targets = await _doors.FindAsync(conversation.Record, cancellationToken).ConfigureAwait(false);
        targets = await _doors.ClaimAsync(conversation.Record, targets, founding.ClaimId, cancellationToken).ConfigureAwait(false);
        await SaveAsync(founding, founding with { Stage = FoundingStage.Building, Targets = targets }, cancellationToken).ConfigureAwait(false);
    }

    private async Task CreateChannelAsync(ConversationState conversation, FoundingRecord founding, CancellationToken cancellationToken)
    {
        try
        {
            await link.Stream.AskAsync(new() { CreateChannel = ChannelFounding.CreateOf(conversation.Record, founding.Channel!) }, cancellationToken).ConfigureAwait(false);
            await SaveAsync(founding, founding with { Stage = FoundingStage.Committing }, cancellationToken).ConfigureAwait(false);
        }
        catch (RelayRefusedException refused) when (refused.Problem == RelayProblem.TokenRefused)
        {
            // The relay lost the voucher, or another copy of this profile spent it.
            await WithVoucherAsync(founding, voucher => founding with { Channel = founding.Channel! with { Voucher = voucher } }, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task CommitAsync(ConversationState conversation, FoundingRecord founding, CancellationToken cancellationToken)
    {
        try
        {
            var posted = await link.Stream.AskAsync(new() { Post = Post.Parser.ParseFrom(founding.Channel!.Commit) }, cancellationToken).ConfigureAwait(false);
            using (await link.State.EnterAsync(cancellationToken).ConfigureAwait(false))
            {
                if (!IsNow(founding))
                    return;
                var next = founding with { Stage = FoundingStage.Uploading, CommitSequence = posted.Posted.Sequence };
                var record = conversation.Record with { IsMade = true };
                await link.State.CommitAsync(ClientState.Save(ClientState.Save(new(), next), record)).ConfigureAwait(false);
                (link.State.Foundings[record.Id], conversation.Record) = (next, record);
            }
        }
        catch (RelayRefusedException refused) when (refused.Problem is RelayProblem.Refused or RelayProblem.Restored)
        {
            // The relay was restored to before the channel, or to before this commit, which it would not take for a day.
            await SaveAsync(founding, founding with { Stage = FoundingStage.Building, Channel = null, Welcome = null }, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task UploadAsync(ConversationState conversation, FoundingRecord founding, CancellationToken cancellationToken)
    {
        var record = conversation.Record;
        try
        {
            await link.Relay.Blobs.PutAsync(ChannelFounding.UploadOf(record, founding.Welcome!), cancellationToken).ConfigureAwait(false);
        }
        catch (RelayRefusedException refused) when (refused.Problem == RelayProblem.TokenRefused)
        {
            await WithVoucherAsync(founding, voucher => founding with { Welcome = founding.Welcome! with { Voucher = voucher } }, cancellationToken).ConfigureAwait(false);
            return;
        }

        var address = new WelcomeAddress(record, new(record.Peer), founding.Lane, founding.Welcome!, founding.CommitSequence);
        var introductions = founding.Targets.Select(target => _founding.Introduce(address, target).ToByteArray()).ToArray();
        await SaveAsync(founding, founding with { Stage = FoundingStage.Introducing, Introductions = introductions }, cancellationToken).ConfigureAwait(false);
    }

    private async Task IntroduceAsync(ConversationState conversation, FoundingRecord founding, CancellationToken cancellationToken)
    {
        foreach (var introduction in founding.Introductions)
            await link.Stream.AskAsync(new() { Post = Post.Parser.ParseFrom(introduction) }, cancellationToken).ConfigureAwait(false);
        using (await link.State.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!IsNow(founding))
                return;
            await link.State.CommitAsync(new StoreChanges().Delete(ClientState.FoundingKey(founding.Conversation))).ConfigureAwait(false);
            link.State.Foundings.TryRemove(founding.Conversation, out _);
            link.State.Raise(new NoticeRaised(new(link.State, conversation), founding.Repair is null ? NoticeKind.ConversationReset : NoticeKind.PeerRepaired));
        }
    }

    private Task WithVoucherAsync(FoundingRecord founding, Func<Wire.Bytes32, FoundingRecord> change, CancellationToken cancellationToken) => ChangeAsync(founding, changes =>
    {
        var (own, voucher) = Provisioning.TakeVoucher(link.State.Relays[link.Fingerprint]);
        ClientState.Save(changes, own);
        return (change(voucher), own);
    }, cancellationToken);

    private Task SaveAsync(FoundingRecord before, FoundingRecord after, CancellationToken cancellationToken) => ChangeAsync(before, _ => (after, null), cancellationToken);

    /// <summary>Unless something else has come in its place meanwhile.</summary>
    private async Task ChangeAsync(FoundingRecord before, Func<StoreChanges, (FoundingRecord After, OwnRelay? Own)> change, CancellationToken cancellationToken)
    {
        using (await link.State.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!IsNow(before))
                return;
            var changes = new StoreChanges();
            var (after, own) = change(changes);
            await link.State.CommitAsync(ClientState.Save(changes, after)).ConfigureAwait(false);
            link.State.Foundings[after.Conversation] = after;
            if (own is not null)
                link.State.Relays[own.Fingerprint] = own;
        }
    }

    private bool IsNow(FoundingRecord founding) => link.State.Foundings.TryGetValue(founding.Conversation, out var now) && ReferenceEquals(now, founding);
}
