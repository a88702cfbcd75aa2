using Sotto.Client;
using Sotto.Client.Sending;
using Sotto.Crypto.Native;
using Sotto.Terminal.Commands;

namespace Sotto.Terminal.Client;

/// <summary><c>sotto send</c>, <c>read</c> and <c>chats</c>: one thing done, and an exit code for scripts.</summary>
internal static class MessagesRun
{
    public static async Task<int> SendAsync(string name, string? text, TimeSpan patience, CancellationToken cancellation)
    {
        var client = await OpenAsync(cancellation).ConfigureAwait(false);
        await using var disposing = client.ConfigureAwait(false);
        var conversation = await ConversationNames.FindAsync(client, name, cancellation).ConfigureAwait(false);
        var message = await conversation.SendAsync(text ?? (await Console.In.ReadToEndAsync(cancellation).ConfigureAwait(false)).TrimEnd('\n'), cancellationToken: cancellation).ConfigureAwait(false);
        return await IsSentAsync(client, conversation, message, patience, cancellation).ConfigureAwait(false)
            ? ExitCode.Done
            : Guarded.Fail("The message is stored and goes out when the relay can be reached: run `sotto send` or `sotto read` again.", ExitCode.NotDelivered);
    }

    public static async Task<int> ReadAsync(string name, int most, bool json, TimeSpan patience, CancellationToken cancellation)
    {
        var client = await OpenAsync(cancellation).ConfigureAwait(false);
        await using var disposing = client.ConfigureAwait(false);
        var conversation = await ConversationNames.FindAsync(client, name, cancellation).ConfigureAwait(false);
        var isWhole = await InTimeAsync(client.CatchUpAsync, patience, cancellation).ConfigureAwait(false);
        var view = new PipeClientView(json);
        foreach (var message in await conversation.ReadAsync(most, cancellationToken: cancellation).ConfigureAwait(false))
            view.Show(conversation, message);
        return isWhole ? ExitCode.Done : Guarded.Fail("The relay cannot be reached: newer messages may be waiting there.", ExitCode.Network);
    }

    public static async Task<int> ChatsAsync(CancellationToken cancellation)
    {
        var client = await OpenAsync(cancellation).ConfigureAwait(false);
        await using var disposing = client.ConfigureAwait(false);
        foreach (var conversation in (await client.ConversationsAsync(cancellation).ConfigureAwait(false)).OrderBy(conversation => conversation.Name, StringComparer.OrdinalIgnoreCase))
            Console.Out.WriteLine($"{Screen.ShownText.Of(conversation.Name)}\t{conversation.Peer}\t{conversation.Verification}");
        return ExitCode.Done;
    }

    private static async Task<SottoClient> OpenAsync(CancellationToken cancellation) => ClientProfile.Exists
        ? await ClientProfile.OpenAsync(new NativeCryptoProvider(), cancellation).ConfigureAwait(false)
        : throw new UsageException("There is no account here yet: sotto host, or sotto join INVITE.");

    private static Task<bool> IsSentAsync(SottoClient client, Conversation conversation, Message message, TimeSpan patience, CancellationToken cancellation) => InTimeAsync(
        token => client.UntilAsync(async () => await conversation.FindAsync(message.Place, token).ConfigureAwait(false) is { Status: >= MessageStatus.Sent }, token), patience, cancellation);

    private static async Task<bool> InTimeAsync(Func<CancellationToken, Task> work, TimeSpan patience, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(patience, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await work(either.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return false;
        }
    }
}
