using Sotto.Client;
using Sotto.Client.Invites;
using Sotto.Client.Relays;
using Sotto.Client.Sqlite;
using Sotto.Client.Storage;
using Sotto.Crypto.Native;

namespace Bots;

/// <summary>Joins with an invite the first time, and answers every message once, also those that came while it was away.</summary>
public static class EchoBot
{
    /// <summary>Answers until it is told to stop.</summary>
    public static async Task RunAsync(string file, byte[] key, string invite, CancellationToken stop)
    {
        var crypto = new NativeCryptoProvider();
        using var storeKey = StoreKey.FromFile(key);
        var store = await SealedStore.OpenAsync(crypto, SqliteRecordFile.Open(file), storeKey, stop);
        await using var client = await SottoClient.OpenAsync(new() { Crypto = crypto, Store = store, Relays = new HttpRelays(crypto, TimeProvider.System) }, stop);
        if (!client.HasAccount)
            await client.JoinAsync(InviteLink.Parse(invite), await client.PreviewAsync(InviteLink.Parse(invite), stop), "Echo", stop);
        foreach (var conversation in await client.ConversationsAsync(stop))
        {
            foreach (var message in await conversation.ReadAsync(100, cancellationToken: stop))
                await AnswerAsync(conversation, message, stop);
        }

        await foreach (var received in client.Events.OfType<MessageReceived>().WithCancellation(stop))
            await AnswerAsync(received.Conversation, received.Message, stop);
    }

    private static async Task AnswerAsync(Conversation conversation, Message message, CancellationToken stop)
    {
        if (message.IsOwn || (await conversation.FindAsync(message.Place, stop))!.IsShown)
            return;
        await conversation.SendAsync("You said: " + message.Text, message.Id, stop);
        await conversation.MarkShownAsync(message.Place, stop);
    }
}
