using System.Collections.Concurrent;
using Sotto.Client;
using Sotto.Terminal.Direct;
using Sotto.Terminal.Screen;

namespace Sotto.Terminal.Client;

/// <summary>A person, or a script, in the profile's conversations: lines typed go to the chosen one, what comes is shown.</summary>
internal sealed class ClientChat : IDisposable
{
    private const string Help = """
        Type and press Enter to send.
          /chats             the people you talk with
          /to NAME           talk with NAME from now on, after the last messages
          /verify            the safety number, to compare by voice
          /reset             begin a conversation anew that broke again within a day
          /invite            a new invite, for one person
          /quit, Ctrl-D      end; nothing is lost
          //text             a line that begins with /
        """;

    private const int LastShown = 10;
    private const int MostShown = 200;

    private readonly CancellationTokenSource _ending = new();
    private readonly SemaphoreSlim _gate = new(1);
    private readonly ConcurrentDictionary<string, ulong> _shown = new(StringComparer.Ordinal);
    private readonly SottoClient _client;
    private readonly ClientView _view;
    private Conversation? _chosen;

    public ClientChat(SottoClient client, ClientView view) => (_client, _view) = (client, view);

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

    public void Dispose()
    {
        _ending.Dispose();
        _gate.Dispose();
    }

    private void Quit() => _ending.Cancel();

    private async Task ShowAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var happened in _client.Events.WithCancellation(cancellation).ConfigureAwait(false))
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
                await ShowAsync(message.Conversation, [message.Message], cancellation).ConfigureAwait(false);
                break;
            case MessageChanged changed:
                _view.ShowStatus(changed.Message);
                break;
            default:
                if (happened is ConversationStarted started)
                    _chosen ??= started.Conversation;
                if (ClientTellings.Of(happened) is { } telling)
                    _view.Tell(telling.Text, telling.IsWarning);
                break;
        }
    }

    /// <summary>The last messages of a chat, and all that are new.</summary>
    private async Task ShowLastAsync(Conversation conversation, CancellationToken cancellation)
    {
        var messages = await conversation.ReadAsync(MostShown, cancellationToken: cancellation).ConfigureAwait(false);
        var old = messages.TakeWhile(message => message.IsOwn || message.IsShown).Count();
        _shown.TryRemove(conversation.Id, out _);
        await ShowAsync(conversation, [.. messages.Skip(Math.Min(old, messages.Count - LastShown))], cancellation).ConfigureAwait(false);
    }

    /// <summary>Each once, although an event may come for what was read from the store already.</summary>
    private async Task ShowAsync(Conversation conversation, IReadOnlyList<Message> messages, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            foreach (var message in messages.Where(message => message.Place > _shown.GetValueOrDefault(conversation.Id)))
            {
                _view.Show(conversation, message);
                _shown[conversation.Id] = message.Place;
            }
        }
        finally
        {
            _gate.Release();
        }

        if (messages.Count > 0)
            await conversation.MarkShownAsync(messages[^1].Place, cancellation).ConfigureAwait(false);
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
            _view.Tell(refused.Message, isWarning: true);
        }
    }

    private async Task SendAsync(string text)
    {
        if (_chosen is null)
        {
            var isAlone = (await _client.ConversationsAsync(_ending.Token).ConfigureAwait(false)).Count == 0;
            _view.Tell((isAlone ? "Nobody is here yet" : "Choose with /to NAME whom you talk with") + "; this was not sent: " + text);
            return;
        }

        var message = await _chosen.SendAsync(text, cancellationToken: _ending.Token).ConfigureAwait(false);
        if (_view is ScreenClientView)
            _view.Show(_chosen, message);
    }

    private async Task CommandAsync(string line)
    {
        var words = line.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        switch (words[0])
        {
            case "/help":
                _view.Tell(Help);
                break;
            case "/quit":
                Quit();
                break;
            case "/chats":
                foreach (var row in await ChatsRun.RowsAsync(_client, _ending.Token).ConfigureAwait(false))
                    _view.Tell(row);
                break;
            case "/to" when words.Length == 2:
                _chosen = await ConversationNames.FindAsync(_client, words[1], _ending.Token).ConfigureAwait(false);
                _view.Tell($"You talk with {_chosen.Name} now.");
                await ShowLastAsync(_chosen, _ending.Token).ConfigureAwait(false);
                break;
            case "/verify" when _chosen is not null:
                _view.Tell($"Safety number with {_chosen.Name}: {_chosen.SafetyNumber}");
                break;
            case "/reset" when _chosen is not null:
                _view.Tell(await _chosen.ResetAsync(_ending.Token).ConfigureAwait(false)
                    ? $"The conversation with {_chosen.Name} is begun anew."
                    : $"The conversation with {_chosen.Name} does not need that.");
                break;
            case "/invite":
                var invite = await _client.CreateInviteAsync(HostRun.InviteLasts, cancellationToken: _ending.Token).ConfigureAwait(false);
                _view.Tell("For one person, within 7 days: " + invite.Link);
                break;
            default:
                _view.Tell($"{words[0]} is not complete, or not a command. /help lists them; begin with // to send a line that starts with /.");
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
            using var chat = new ClientChat(client, new ScreenClientView(keyboard.Screen, () => keyboard.Width));
            if (chosen is not null)
                await chat.ShowLastAsync(chosen, killed.Token).ConfigureAwait(false);
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
