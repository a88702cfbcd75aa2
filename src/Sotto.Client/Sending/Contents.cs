using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Sotto.Client.Accounts;
using Sotto.Client.Content;
using Sotto.Client.Conversations;
using Sotto.Client.Storage;
using Sotto.Mls.Groups;
using Sotto.Wire;
using Sotto.Wire.Stream;

namespace Sotto.Client.Sending;

/// <summary>
/// From content to a stored post: content, MLS PrivateMessage, and then ratchet, message and outbox in one transaction. Nothing
/// leaves here; <see cref="OutboxPosting"/> posts what lies in the outbox.
/// </summary>
internal sealed class Contents(ClientState state)
{
    private const int LongestText = 32 * 1024;

    /// <summary>A text of the person here. The caller has entered.</summary>
    /// <exception cref="ClientException">It is empty or too long.</exception>
    public async Task<(ulong Place, MessageRecord Message)> WriteTextAsync(ConversationState conversation, string text, MessageId? replyTo)
    {
        if (text.Length == 0 || Encoding.UTF8.GetByteCount(text) > LongestText)
            throw new ClientException(ClientFailure.TooLong, $"A message has 1 to {LongestText} bytes.");
        var body = new SinglePart(ContentTypes.Text, Encoding.UTF8.GetBytes(text));
        var (content, encoded) = Make(conversation.Record, body, replyTo);
        var id = IdOf(conversation.Record, state.RequireAccount().Id, content, encoded);
        var message = new MessageRecord
        {
            Content = encoded,
            Id = id.Bytes.ToArray(),
            Status = MessageStatus.Waiting,
            SentAt = content.Extensions.FindNumber(ContentFields.SentAt) ?? 0,
            IsShown = true,
        };
        var place = conversation.Record.NextPlace;
        await StoreAsync(conversation, encoded, place, message, record => record with { NextPlace = place + 1 }).ConfigureAwait(false);
        return (place, message);
    }

    /// <summary>Content that nobody sees as a message. The caller has entered.</summary>
    public Task WriteHiddenAsync(ConversationState conversation, string type, byte[] body, Func<ConversationRecord, ConversationRecord> change)
    {
        var (_, encoded) = Make(conversation.Record, new SinglePart(type, body) { Disposition = Disposition.Unspecified }, null);
        return StoreAsync(conversation, encoded, null, null, change);
    }

    /// <summary>Encrypts a row of the outbox anew, for the epoch that is now. The caller has entered.</summary>
    public async Task<OutboxRecord> RenewAsync(ConversationState conversation, ulong order)
    {
        var old = state.Outbox[order];
        using var prepared = Protect(conversation, old.Content);
        var row = Row(conversation, old.Content, prepared, old.Place);
        await state.CommitAsync(ClientState.Save(new StoreChanges().Add(conversation.Group.GroupId, prepared.Change), order, row)).ConfigureAwait(false);
        prepared.Merge();
        state.Outbox[order] = row;
        return row;
    }

    /// <summary>The counter that a content carries.</summary>
    public static ulong CounterOf(byte[] content) => (ulong)Math.Max(0, MimiContent.Decode(content).Extensions.FindNumber(ContentFields.Counter) ?? 0);

    /// <summary>
    /// Encrypts everything anew, in the order of its counters, that the other may not have: what waits and what was taken but not
    /// seen. A receiver drops what comes twice by its counter. The caller has entered.
    /// </summary>
    public async Task SendAgainAsync(ConversationState conversation)
    {
        var id = conversation.Record.Id;
        var waiting = state.Outbox.Where(row => row.Value.Conversation == id)
            .Select(row => (Counter: CounterOf(row.Value.Content), row.Value.Content, row.Value.Place, Key: ClientState.OutboxKey(row.Key), Order: (ulong?)row.Key));
        var unseen = (await state.Store.ReadAsync(StoreTable.Unseen, id.ToArray()).ConfigureAwait(false))
            .Select(stored => (Kept: JsonSerializer.Deserialize(stored.Value, StoreJson.Default.UnseenContent)!, stored.Key))
            .Select(stored => (Counter: CounterOf(stored.Kept.Content), stored.Kept.Content, stored.Kept.Place, stored.Key, Order: (ulong?)null));
        foreach (var item in waiting.Concat(unseen).OrderBy(item => item.Counter).ToList())
        {
            using var prepared = Protect(conversation, item.Content);
            var row = Row(conversation, item.Content, prepared, item.Place);
            var order = state.NextOutboxOrder();
            await state.CommitAsync(ClientState.Save(new StoreChanges().Add(conversation.Group.GroupId, prepared.Change).Delete(item.Key), order, row)).ConfigureAwait(false);
            prepared.Merge();
            if (item.Order is { } old)
                state.Outbox.Remove(old);
            state.Outbox[order] = row;
        }
    }

    /// <summary>The id that every member computes for a content.</summary>
    public MessageId IdOf(ConversationRecord conversation, AccountId sender, MimiContent content, ReadOnlySpan<byte> encoded) => MessageId.Of(
        state.Crypto, encoded, content.Salt.Span,
        $"sotto:a/{Convert.ToHexStringLower(sender.Value.ToArray())}", $"sotto:r/{Convert.ToHexStringLower(conversation.Id.ToArray())}");

    private (MimiContent Content, byte[] Encoded) Make(ConversationRecord conversation, NestedPart body, MessageId? replyTo)
    {
        var content = new MimiContent
        {
            Salt = Fresh.Bytes(state.Crypto, MimiContent.SaltLength),
            InReplyTo = replyTo,
            Extensions = ContentExtensions.None
                .With(ContentFields.SentAt, state.Time.GetUtcNow().ToUnixTimeMilliseconds())
                .With(ContentFields.Counter, (long)conversation.Counter + 1),
            Body = body,
        };
        return (content, content.Encode());
    }

    private async Task StoreAsync(ConversationState conversation, byte[] content, ulong? place, MessageRecord? message, Func<ConversationRecord, ConversationRecord> change)
    {
        if (conversation.IsHeld)
        {
            await HoldAsync(conversation, content, place, message, change).ConfigureAwait(false);
            return;
        }

        using var prepared = Protect(conversation, content);
        var record = change(conversation.Record with { Counter = conversation.Record.Counter + 1, SentSinceUpdate = conversation.Record.SentSinceUpdate + (place is null ? 0 : 1) });
        var row = Row(conversation, content, prepared, place);
        var order = state.NextOutboxOrder();
        var changes = ClientState.Save(ClientState.Save(new StoreChanges().Add(conversation.Group.GroupId, prepared.Change), record), order, row);
        SaveMessage(changes, record, place, message);
        await state.CommitAsync(changes).ConfigureAwait(false);
        prepared.Merge();
        conversation.Record = record;
        state.Outbox[order] = row;
    }

    /// <summary>Stores it where what the other has not seen lies: it is encrypted in its order when the conversation goes on.</summary>
    private async Task HoldAsync(ConversationState conversation, byte[] content, ulong? place, MessageRecord? message, Func<ConversationRecord, ConversationRecord> change)
    {
        var record = change(conversation.Record with { Counter = conversation.Record.Counter + 1 });
        var changes = ClientState.Save(new(), record)
            .Save(ClientState.UnseenKey(record.Id, record.Counter), new UnseenContent { Content = content, Place = place }, StoreJson.Default.UnseenContent);
        SaveMessage(changes, record, place, message);
        await state.CommitAsync(changes).ConfigureAwait(false);
        conversation.Record = record;
    }

    private static void SaveMessage(StoreChanges changes, ConversationRecord record, ulong? place, MessageRecord? message)
    {
        if (message is null)
            return;
        ClientState.Save(changes, record.Id, place!.Value, message);
        changes.Save(ClientState.PlaceKey(record.Id, message.Id), StoreChanges.Order(place.Value));
    }

    private static PreparedMessage Protect(ConversationState conversation, byte[] content)
    {
        var group = conversation.Group;
        return group.PrepareMessage(content, new() { Padding = length => PayloadPadding.ZerosFor(group.GroupId, 0, length) });
    }

    private OutboxRecord Row(ConversationState conversation, byte[] content, PreparedMessage prepared, ulong? place)
    {
        var (record, group) = (conversation.Record, conversation.Group);
        var payload = prepared.Outgoing;
        var post = new Post
        {
            Channel = record.Channel.ToWire(),
            LastNumber = group.Epoch.Value,
            EpochTag = ByteString.CopyFrom(ChannelKeys.Tag(group, record.Channel)),
            Kind = EntryKind.Application,
            WakeClass = place is null ? 0u : 1u,
            IdempotencyId = Fresh.Sixteen(state.Crypto).ToWire(),
            Capability = ChannelKeys.WriteCapability(group, record.Channel).ToWire(),
            Payload = ByteString.CopyFrom(payload.Span),
        };
        return new()
        {
            Conversation = record.Id,
            Content = content,
            Post = post.ToByteArray(),
            PayloadHash = Bytes32.HashOf(payload.Span),
            Epoch = group.Epoch.Value,
            Place = place,
        };
    }
}
