using Sotto.Client;
using Sotto.Terminal.Direct;
using Sotto.Terminal.Screen;

namespace Sotto.Terminal.Client;

/// <summary>A person, or a script, in the profile's conversations: lines typed go to the chosen one, what comes is shown.</summary>
internal sealed class ClientChat(SottoClient client, ClientView view) : IDisposable
{
    private const string Help = """
        Type and press Enter to send.
          /chats             the people you talk with
          /to NAME           talk with NAME from now on
          /verify            the safety number, to compare by voice
          /invite            a new invite, for one person
          /quit, Ctrl-D      end; nothing is lost
          //text             a line that begins with /
        """;

    private readonly CancellationTokenSource _ending = new();
    private Conversation? _chosen;

    /// <summary>Until the person leaves or the token says so.</summary>
    public async Task RunAsync(Conversation? chosen, Func<Func<string, ValueTask>, Action, CancellationToken, Task> readLines, CancellationToken cancellation)
    {
        _chosen = chosen;
        using var registration = cancellation.Register(Quit);
        var showing = ShowAsync(_ending.Token);
        await readLines(SubmitAsync, Quit, _ending.Token).ConfigureAwait(false);
        await _ending.CancelAsync().ConfigureAwait(false);
        await showing.ConfigureAwait(false);
    }

    public void Dispose() => _ending.Dispose();

    private void Quit() => _ending.Cancel();

    private async Task ShowAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var happened in client.Events.WithCancellation(cancellation).ConfigureAwait(false))
                await ShowAsync(happened, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The person left.
        }
    }

    private async Task ShowAsync(ClientEvent happened, CancellationToken cancellation)
    {
        switch (happened)
        {
            case MessageReceived message:
                view.Show(message.Conversation, message.Message);
                await message.Conversation.MarkShownAsync(message.Message.Place, cancellation).ConfigureAwait(false);
                break;
            case MessageChanged changed:
                view.ShowStatus(changed.Message);
                break;
            default:
                if (happened is ConversationStarted started)
                    _chosen ??= started.Conversation;
                if (ClientTellings.Of(happened) is { } telling)
                    view.Tell(telling.Text, telling.IsWarning);
                break;
        }
    }

    private async ValueTask SubmitAsync(string line)
    {
        try
        {
            if (line.Length == 0)
                return;
            if (line[0] == '/' && !line.StartsWith("//", StringComparison.Ordinal))
                await CommandAsync(line).ConfigureAwait(false);
            else
                await SendAsync(line[0] == '/' ? line[1..] : line).ConfigureAwait(false);
        }
        catch (ClientException refused)
        {
            view.Tell(refused.Message, isWarning: true);
        }
    }

    private async Task SendAsync(string text)
    {
        if (_chosen is null)
        {
            view.Tell("Nobody is here yet; this was not sent: " + text);
            return;
        }

        var message = await _chosen.SendAsync(text, cancellationToken: _ending.Token).ConfigureAwait(false);
        if (view is ScreenClientView)
            view.Show(_chosen, message);
    }

    private async Task CommandAsync(string line)
    {
        var words = line.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        switch (words[0])
        {
            case "/help":
                view.Tell(Help);
                break;
            case "/quit":
                Quit();
                break;
            case "/chats":
                foreach (var conversation in await client.ConversationsAsync(_ending.Token).ConfigureAwait(false))
                    view.Tell(conversation.Name);
                break;
            case "/to" when words.Length == 2:
                _chosen = await ConversationNames.FindAsync(client, words[1], _ending.Token).ConfigureAwait(false);
                view.Tell($"You talk with {_chosen.Name} now.");
                break;
            case "/verify" when _chosen is not null:
                view.Tell($"Safety number with {_chosen.Name}: {_chosen.SafetyNumber}");
                break;
            case "/invite":
                var invite = await client.CreateInviteAsync(HostRun.InviteLasts, cancellationToken: _ending.Token).ConfigureAwait(false);
                view.Tell("For one person, within 7 days: " + invite.Link);
                break;
            default:
                view.Tell($"{words[0]} is not complete, or not a command. /help lists them; begin with // to send a line that starts with /.");
                break;
        }
    }

    /// <summary>Runs a chat on the terminal, or on pipes.</summary>
    public static async Task RunAsync(SottoClient client, Conversation? chosen, bool json, Action<ChatScreen?, int>? begin, CancellationToken cancellation)
    {
        using var killed = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var signals = new LeaveSignals(killed.Cancel, () => Environment.Exit(Commands.ExitCode.Unexpected));
        if (IsInteractive(json))
        {
            using var keyboard = new Keyboard();
            begin?.Invoke(keyboard.Screen, keyboard.Width);
            using var chat = new ClientChat(client, new ScreenClientView(keyboard.Screen));
            await chat.RunAsync(chosen, keyboard.ReadAsync, killed.Token).ConfigureAwait(false);
            return;
        }

        begin?.Invoke(null, 0);
        using var piped = new ClientChat(client, new PipeClientView(json));
        await piped.RunAsync(chosen, ReadStdinAsync, killed.Token).ConfigureAwait(false);
    }

    /// <summary>Somebody sits at a keyboard and a screen.</summary>
    public static bool IsInteractive(bool json) => !json && !Console.IsInputRedirected && !Console.IsOutputRedirected;

    /// <summary>Lines of stdin. Its end does not end the chat: a host in the background goes on.</summary>
    private static async Task ReadStdinAsync(Func<string, ValueTask> submit, Action quit, CancellationToken cancellation)
    {
        try
        {
            using var input = new StreamReader(Console.OpenStandardInput());
            while (await input.ReadLineAsync(cancellation).ConfigureAwait(false) is { } line)
                await submit(line).ConfigureAwait(false);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Told to leave.
        }
    }
}
