using Sotto.Client;
using Sotto.Terminal.Commands;

namespace Sotto.Terminal.Client;

/// <summary>Contacts by the name that they go by. Ambiguous ones are refused with the choices.</summary>
internal static class ConversationNames
{
    public static async Task<Conversation> FindAsync(SottoClient client, string name, CancellationToken cancellation)
    {
        var all = await client.ConversationsAsync(cancellation).ConfigureAwait(false);
        var found = all.Where(conversation => conversation.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || (name.Length >= 8 && conversation.Peer.ToString().StartsWith(name, StringComparison.Ordinal))).ToList();
        return found switch
        {
            [var only] => only,
            [] => throw new UsageException($"There is nobody called that. You talk with: {(all.Count == 0 ? "nobody yet" : string.Join(", ", all.Select(conversation => conversation.Name)))}."),
            _ => throw new UsageException("Several people have that name. Use the start of the account id instead: " + string.Join(", ", found.Select(conversation => conversation.Peer.ToString()))),
        };
    }
}
