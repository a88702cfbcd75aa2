using System.Buffers.Binary;
using System.Text.Json;
using Sotto.Client.Accounts;
using Sotto.Client.Content;
using Sotto.Client.Conversations;
using Sotto.Client.Sending;
using Sotto.Client.Storage;

namespace Sotto.Client;

/// <summary>A chat with one person. What it shows is what is stored; sending stores first.</summary>
public sealed class Conversation
{
    private readonly ClientState _state;
    private readonly ConversationState _conversation;

    internal Conversation(ClientState state, ConversationState conversation) => (_state, _conversation) = (state, conversation);

    /// <summary>Its identifier, hexadecimal: the same for both, whatever happens to groups and relays.</summary>
    public string Id => Convert.ToHexStringLower(_conversation.Record.Id.ToArray());

    /// <summary>The other person's name, as their device signed it.</summary>
    public string Name => _conversation.Record.PeerName;

    /// <summary>The other person's account.</summary>
    public AccountId Peer => new(_conversation.Record.Peer);

    /// <summary>What makes the other person's identity believable.</summary>
    public Verification Verification => _conversation.Record.Verification;

    /// <summary>Whether the other person's first entry has come.</summary>
    public bool IsAnswered => _conversation.Record.PeerContact is not null;

    /// <summary>Whether what the other person sends is not taken.</summary>
    public bool IsBlocked => _conversation.Record.IsBlocked;

    /// <summary>
    /// Whether nothing is read or sent for now: this profile is an old copy, this device waits to be taken in again, or the conversation
    /// waits to be begun anew. What is written meanwhile is stored and leaves afterwards, except from an old copy.
    /// </summary>
    public bool IsStopped => _conversation.IsStopped;

    /// <summary>Whether it was begun anew within the last day and needs it again, which then is the person's to decide.</summary>
    public bool NeedsReset => _conversation.Record.NeedsReset;

    /// <summary>Sixty digits to compare with the other person.</summary>
    public string SafetyNumber => Accounts.SafetyNumber.Of(_state.Crypto, _state.RequireAccount().Id, Peer);

    internal ConversationState State => _conversation;

    /// <summary>Stores a message, which then leaves as soon as the relay can be reached.</summary>
    /// <param name="text">What it says, in CommonMark's subset of the MIMI draft; at most 32 KiB.</param>
    /// <param name="replyTo">The message that it answers.</param>
    /// <param name="cancellationToken">Gives up waiting for its turn; nothing is stored then.</param>
    /// <exception cref="ClientException">It is empty or too long, or the store failed.</exception>
    public async Task<Message> SendAsync(string text, MessageId? replyTo = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        using (await _state.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_conversation.Record.IsReadOnly)
                throw new ClientException(ClientFailure.ReadOnly, "This profile is an old copy, or runs twice. Nothing is sent from it in this conversation.");
            var (place, message) = await new Contents(_state).WriteTextAsync(_conversation, text, replyTo).ConfigureAwait(false);
            _state.WakeSession(_conversation.Record.Relay);
            return new(_state, _conversation.Record, place, message);
        }
    }

    /// <summary>
    /// Begins the conversation anew in a new channel where <see cref="NeedsReset"/> says so. Messages, contact and verification stay, and
    /// what the other has not seen is sent again.
    /// </summary>
    /// <returns>False when there is no need.</returns>
    public async Task<bool> ResetAsync(CancellationToken cancellationToken = default)
    {
        using (await _state.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!_conversation.Record.NeedsReset)
                return false;
            var record = _conversation.Record with { ResetIsWanted = true };
            await _state.CommitAsync(ClientState.Save(new(), record)).ConfigureAwait(false);
            _conversation.Record = record;
        }

        _state.WakeSession(_conversation.Record.Relay);
        return true;
    }

    /// <summary>The last messages, the oldest of them first.</summary>
    /// <param name="most">How many.</param>
    /// <param name="before">Only messages before this place.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<Message>> ReadAsync(int most, ulong before = ulong.MaxValue, CancellationToken cancellationToken = default)
    {
        using (await _state.EnterQuietlyAsync(cancellationToken).ConfigureAwait(false))
        {
            var records = await _state.Store.ReadBeforeAsync(StoreTable.Messages, _conversation.Record.Id.ToArray(), before, most, cancellationToken).ConfigureAwait(false);
            return [.. records.Select(record => new Message(
                _state, _conversation.Record, BinaryPrimitives.ReadUInt64BigEndian(record.Key.Name.Span), JsonSerializer.Deserialize(record.Value, StoreJson.Default.MessageRecord)!))];
        }
    }

    /// <summary>Says that the messages up to a place were shown; the sender learns it unless that is switched off.</summary>
    public async Task MarkShownAsync(ulong place, CancellationToken cancellationToken = default)
    {
        using (await _state.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            var (changes, reports) = (new StoreChanges(), new List<MessageReport>());
            for (var at = place; at > 0 && await _state.FindMessageAsync(_conversation.Record.Id, at).ConfigureAwait(false) is { } message; at--)
            {
                if (message.Status != MessageStatus.Received)
                    continue;
                if (message.IsShown)
                    break;
                ClientState.Save(changes, _conversation.Record.Id, at, message with { IsShown = true });
                reports.Add(new(message.Id, true));
            }

            if (reports.Count == 0)
                return;
            var record = _conversation.Record;
            if (_state.SendsReadReceipts)
            {
                // A message that was shown has arrived: one report says both.
                var others = record.Unreported.Where(known => !reports.Any(report => report.Message.AsSpan().SequenceEqual(known.Message)));
                record = record with { Unreported = [.. others, .. reports] };
                ClientState.Save(changes, record);
            }

            await _state.CommitAsync(changes).ConfigureAwait(false);
            _conversation.Record = record;
        }

        _state.WakeSession(_conversation.Record.Relay);
    }

    /// <summary>Says whether the safety number is the other person's too.</summary>
    public async Task AnswerSafetyNumberAsync(bool isEqual, CancellationToken cancellationToken = default)
    {
        using (await _state.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            var record = _conversation.Record with { Verification = isEqual ? Verification.Compared : Verification.None };
            await _state.CommitAsync(ClientState.Save(new(), record)).ConfigureAwait(false);
            _conversation.Record = record;
        }
    }

    /// <summary>How a message stands now; null when it is not there.</summary>
    public async Task<Message?> FindAsync(ulong place, CancellationToken cancellationToken = default)
    {
        using (await _state.EnterQuietlyAsync(cancellationToken).ConfigureAwait(false))
            return await _state.FindMessageAsync(_conversation.Record.Id, place).ConfigureAwait(false) is { } record ? new(_state, _conversation.Record, place, record) : null;
    }
}
