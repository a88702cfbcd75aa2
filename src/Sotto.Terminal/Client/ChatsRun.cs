using Sotto.Client;
using Sotto.Crypto.Native;
using Sotto.Terminal.Commands;
using Sotto.Terminal.Screen;

namespace Sotto.Terminal.Client;

/// <summary><c>sotto</c> alone: the list of chats, then a chat on the same terminal. Without a terminal it is the list.</summary>
internal static class ChatsRun
{
    private const int MostCounted = 100;

    public static async Task<int> RunAsync(CancellationToken cancellation)
    {
        var list = new VerbRequest { Verb = "chats" };
        if (!ClientChat.IsInteractive(json: false))
            return await VerbRun.RunAsync(list, cancellation).ConfigureAwait(false);
        if (await ControlSocket.TryHandOverAsync(list, reply => (reply.IsError ? Console.Error : Console.Out).WriteLine(reply.Text), cancellation).ConfigureAwait(false) is { } code)
        {
            Console.Error.WriteLine(Paragraph.Wrap("· Another program has this profile open. Chat there, or use sotto send, read and listen here.", Console.WindowWidth));
            return code;
        }

        var client = await ClientProfile.OpenAsync(new NativeCryptoProvider(), ClientProfile.ReportDelay, cancellation).ConfigureAwait(false);
        await using var disposing = client.ConfigureAwait(false);
        if (!client.HasAccount)
            throw new UsageException("There is no account here yet: sotto host, or sotto join INVITE. sotto --help lists everything.");
        var control = ControlSocket.Open(client);
        await using var closing = control.ConfigureAwait(false);
        var rows = await RowsAsync(client, cancellation).ConfigureAwait(false);
        var conversations = await client.ConversationsAsync(cancellation).ConfigureAwait(false);
        await ClientChat.RunAsync(client, conversations is [var only] ? only : null, json: false, (screen, width) => Begin(screen!, width, client, rows), cancellation).ConfigureAwait(false);
        return ExitCode.Done;
    }

    /// <summary>One row for each chat, the one that was last talked in first: name, what is new, and the last words.</summary>
    public static async Task<IReadOnlyList<string>> RowsAsync(SottoClient client, CancellationToken cancellation)
    {
        var chats = new List<(DateTimeOffset Last, string Row)>();
        foreach (var conversation in await client.ConversationsAsync(cancellation).ConfigureAwait(false))
        {
            var messages = await conversation.ReadAsync(MostCounted, cancellationToken: cancellation).ConfigureAwait(false);
            chats.Add((messages.Count == 0 ? default : messages[^1].SentAt, Row(conversation, messages)));
        }

        return [.. chats.OrderByDescending(chat => chat.Last).ThenBy(chat => chat.Row, StringComparer.OrdinalIgnoreCase).Select(chat => chat.Row)];
    }

    private static string Row(Conversation conversation, IReadOnlyList<Message> messages)
    {
        var fresh = messages.Count(message => !message.IsOwn && !message.IsShown);
        var count = fresh == 0 ? "" : $", {fresh}{(fresh == MostCounted ? " or more" : "")} new";
        var last = messages.Count == 0 ? "" : $"  {messages[^1].Sender}: {messages[^1].Text.ReplaceLineEndings(" ")}";
        return $"{conversation.Name} ({Verbs.Standing(conversation)}{count}){last}";
    }

    private static void Begin(ChatScreen screen, int width, SottoClient client, IReadOnlyList<string> rows)
    {
        Say(screen, width, $"You are {client.Name}, account {client.Account}. {(rows.Count == 0 ? "You talk with nobody yet: /invite makes an invite." : "Your chats:")}");
        screen.PrintRows(rows.Select(row => "  " + CellWidth.Fit(ShownText.Of(row), Math.Max(1, width - 3))));
        Say(screen, width, rows.Count > 1 ? "/to NAME chooses one. /help lists what else you can type; Ctrl-D ends." : "/help lists what you can type; Ctrl-D ends.");
    }

    private static void Say(ChatScreen screen, int width, string sentence) => screen.Print(ChatLine.Notice(Paragraph.Wrap(sentence, width, ClientView.NoticeIndent)));
}
