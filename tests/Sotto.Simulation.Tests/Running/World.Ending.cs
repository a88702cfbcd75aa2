using Sotto.Client;
using Sotto.Client.Conversations;
using Sotto.Client.Invites;
using Sotto.Client.Joining;
using Sotto.Client.Sending;

namespace Sotto.Simulation.Tests.Running;

/// <summary>The end of a run: everything is repaired, must become quiet, and is looked at.</summary>
internal sealed partial class World
{
    private const int MostMoves = 100_000;
    private static readonly TimeSpan Patience = TimeSpan.FromDays(9);

    private void Heal()
    {
        foreach (var person in _people)
        {
            (person.Life.Store.DiesAt, person.Life.Store.FullAt, person.Life.Road.DiesAt) = (null, null, null);
            person.Clock.Offset = TimeSpan.Zero;
            if (person.IsParted)
                person.Part(false);
        }

        _record.Add("# everybody is connected");
        var last = _clock.Ticks + Patience.Ticks;
        for (var moved = 0; moved < MostMoves; moved++)
        {
            if (Moves(100) is [var first, ..])
            {
                Go(first);
                Revive();
            }
            else
            {
                // Who was cut off this moment has not noticed yet.
                var left = WhatIsLeft();
                var due = _clock.NextDue;
                if (left is null && !(due <= _clock.Ticks + TimeSpan.TicksPerSecond))
                {
                    Look();
                    return;
                }

                if (due is null || due > last)
                    throw new SimulationException($"It does not become quiet: {left}.");
                _clock.PassTo(due.Value);
            }
        }

        throw new SimulationException($"It does not become quiet after {MostMoves} calls and answers: {WhatIsLeft() ?? "calls"}.");
    }

    /// <summary>What somebody is still about to do; null when everybody has done everything.</summary>
    private string? WhatIsLeft()
    {
        foreach (var person in _people)
        {
            if (person.Client.FailureAt(_twin.Fingerprint) is not null)
                continue;
            var state = person.State;
            var left = state.Joins.Values.Any(join => join.Stage < JoinStage.Waiting) ? "a join"
                : state.Invites.Values.Any(IsUntold) ? "an invite"
                : state.Relays.Values.Any(own => own.IsForgotten || !own.HasKeyPackages || !own.IsReachable) ? "a registration"
                : state.Conversations.Values.Where(conversation => !conversation.Record.IsDead).Select(conversation => WhatIsLeft(person, conversation)).OfType<string>().FirstOrDefault();
            if (left is not null)
                return $"{person.Name} has {left} to do";
        }

        return null;
    }

    private static bool IsUntold(InviteRecord invite) =>
        invite.State == InviteState.New || invite is { State: InviteState.Open, IsForgotten: true } || (invite.State is InviteState.Used or InviteState.Revoked && !invite.EndIsTold);

    private string? WhatIsLeft(SimulatedPerson person, ConversationState conversation)
    {
        var record = conversation.Record;
        if (conversation.IsStopped)
            return CanBeRepaired(person, conversation) ? "a repair" : null;
        return record.ClaimToken is not null ? "a claim"
            : record.IsRestoring ? "a channel to bring back"
            : !conversation.IsCaughtUp ? "something to read"
            : !conversation.IsReady ? "a first entry"
            : record.PendingCommit is not null ? "a commit"
            : record.RekeyIsDue ? "a rekey"
            : record.LaneIsStale ? "a lane"
            : record.Unreported.Length > 0 && !record.IsBlocked ? "a report"
            : person.State.Outbox.Values.Any(row => row.Conversation == record.Id) ? "a message"
            : null;
    }

    /// <summary>A request goes through the other's contact lane, which there must be, open.</summary>
    private bool CanBeRepaired(SimulatedPerson person, ConversationState conversation) =>
        conversation.Record.PeerContact is not null
        && FindPeer(conversation) is { WentBack: false } other
        && other.State.Conversations.TryGetValue(conversation.Record.Id, out var theirs)
        && !theirs.IsStopped && !person.EverBlocked.Contains(conversation.Record.Id) && !other.EverBlocked.Contains(conversation.Record.Id);

    private SimulatedPerson FindPeer(ConversationState conversation) =>
        _people.Find(candidate => candidate.Client.HasAccount && candidate.Client.Account.Value == conversation.Record.Peer)!;

    private void Check()
    {
        foreach (var person in _people)
        {
            if (person.Client.FailureAt(_twin.Fingerprint) is not null)
                Count("refused for good");
            CheckAcknowledged(person);
            CheckInvites(person);
            foreach (var conversation in person.Conversations)
                Check(person, conversation);
        }

        Count("whole");
    }

    private void Check(SimulatedPerson person, ConversationState conversation)
    {
        var name = $"{person.Name}'s conversation with {conversation.Record.PeerName}";
        if (conversation.IsStopped)
        {
            if (!_twin.WasRestored && !_twin.MeetsOldCopies && !IsGivenUp(conversation))
                throw new SimulationException($"{name} has stopped.");
            Count("stopped");
            return;
        }

        var other = FindPeer(conversation);
        if (!other.State.Conversations.TryGetValue(conversation.Record.Id, out var theirs) && (other.WentBack || other.WasOfferedInVain))
            return;
        if (theirs is null)
            throw new SimulationException($"{name} is not known to the other.");
        if (theirs.IsStopped)
            return;
        if (person.WasOfferedInVain || other.WasOfferedInVain)
        {
            // A restored relay hands out KeyPackages again whose keys are gone: a new group made with one is known to one side alone.
            Count("offered in vain");
            return;
        }

        CheckAgreement(name, conversation, theirs);
        CheckMessages(name, person, conversation, other);
        Count("conversations");
    }

    private static void CheckAgreement(string name, ConversationState own, ConversationState theirs)
    {
        if (own.Group.Epoch != theirs.Group.Epoch)
            throw new SimulationException($"{name} is in epoch {own.Group.Epoch.Value}, the other in {theirs.Group.Epoch.Value}.");
        if (!own.Group.EpochAuthenticator.Span.SequenceEqual(theirs.Group.EpochAuthenticator.Span))
            throw new SimulationException($"{name} has other secrets than the other's.");
        var members = own.Group.Members.Zip(theirs.Group.Members).All(pair => pair.First.Leaf.SignatureKey.Span.SequenceEqual(pair.Second.Leaf.SignatureKey.Span));
        if (!members || own.Group.Members.Count() != theirs.Group.Members.Count())
            throw new SimulationException($"{name} has other members than the other's.");
    }

    /// <summary>What the other stored as sent is shown here once and in that order; the other knows that it arrived.</summary>
    private void CheckMessages(string name, SimulatedPerson person, ConversationState conversation, SimulatedPerson other)
    {
        var sent = other.Messages(other.State.Conversations[conversation.Record.Id]).FindAll(message => message.IsOwn);
        var shown = person.Messages(conversation).FindAll(message => !message.IsOwn);
        if (shown.DistinctBy(message => message.Id).Count() != shown.Count || shown.DistinctBy(message => message.Text).Count() != shown.Count)
            throw new SimulationException($"{name} shows a message twice: {Texts(shown)}.");
        var places = shown.ConvertAll(message => sent.FindIndex(candidate => candidate.Id == message.Id && candidate.Text == message.Text));

        // Who went back to an old copy has lost what was said since.
        if (other.WentBack)
            return;
        if (places.Contains(-1))
            throw new SimulationException($"{name} shows what nobody sent: {Texts(shown)}.");
        if (!places.SequenceEqual(places.Order()))
            throw new SimulationException($"{name} shows another order, {Texts(shown)}, than that of sending, {Texts(sent)}.");
        if (person.WentBack || person.EverBlocked.Contains(conversation.Record.Id))
            return;
        if (shown.Count != sent.Count)
            throw new SimulationException($"{name} lacks something: {Texts(shown)} of {Texts(sent)}.");
        if (!other.EverBlocked.Contains(conversation.Record.Id) && sent.Find(message => message.Status is not (MessageStatus.Delivered or MessageStatus.Read)) is { } unknown)
            throw new SimulationException($"{name} shows {unknown.Text}, and who sent it knows only that it is {unknown.Status}.");
        Counts["messages"] = Counts.GetValueOrDefault("messages") + shown.Count;
    }

    private static string Texts(List<Message> messages) => string.Join(", ", messages.Select(message => message.Text));

    private static void CheckAcknowledged(SimulatedPerson person)
    {
        foreach (var conversation in person.Conversations)
        {
            var id = Convert.ToHexStringLower(conversation.Record.Id.ToArray());
            var stored = person.Messages(conversation).Where(message => message.IsOwn).Select(message => message.Text).ToHashSet();
            if (person.Acknowledged.Where(sent => sent.Value == id).Select(sent => sent.Key).FirstOrDefault(text => !stored.Contains(text)) is { } lost)
                throw new SimulationException($"{person.Name} has lost {lost}, which was stored.");
        }
    }

    private void CheckInvites(SimulatedPerson person)
    {
        foreach (var invite in person.State.Invites.Values)
        {
            var joined = person.State.Conversations.Values.Count(conversation => conversation.Record.Invite == invite.Id && !conversation.Record.IsOwn);
            if (joined > invite.Uses)
                throw new SimulationException($"{person.Name}'s invite for {invite.Uses} made {joined} conversations.");
        }
    }

    /// <summary>Two people invite each other in one direction; a join in the other direction would meet the first one.</summary>
    private static bool CanJoin(int joiner, int inviter) => joiner > inviter;
}
