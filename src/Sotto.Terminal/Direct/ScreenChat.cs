using System.Text;
using Sotto.Direct.Conversations;
using Sotto.Direct.Sessions;
using Sotto.Terminal.Commands;
using Sotto.Terminal.Screen;

namespace Sotto.Terminal.Direct;

/// <summary>A conversation of the default mode with somebody at a keyboard.</summary>
internal sealed class ScreenChat
{
    private const string Help = """
        Type and press Enter to send. Paste many lines: they are sent one after the other.
          /verify            show the code to compare by voice; /verify yes or /verify no answers
          /send FILE         offer a file
          /accept N [FOLDER] take the offered file number N; without a folder: where `sotto where` says
          /decline N         do not take it
          /quit, Ctrl-D      say goodbye: both sides end when everything is delivered
          //text             a line that begins with /
        """;

    private readonly DirectCall _call;
    private readonly DirectSession _session;
    private readonly Keyboard _keyboard;
    private readonly ScreenView _view;
    private readonly CancellationTokenSource _killed;
    private PeerJoined? _joined;
    private bool _leaving;

    private ScreenChat(DirectCall call, DirectSession session, Keyboard keyboard, ScreenView view, CancellationTokenSource killed) =>
        (_call, _session, _keyboard, _view, _killed) = (call, session, keyboard, view, killed);

    public static async Task<int> RunAsync(DirectCall call, DirectSession session, CancellationToken cancellationToken)
    {
        using var killed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        SessionEnd end;
        using (var keyboard = new Keyboard())
        await using (var view = new ScreenView(keyboard.Screen))
            end = await new ScreenChat(call, session, keyboard, view, killed).RunAsync().ConfigureAwait(false);
        if (DirectTellings.Of(end) is { Text: { } reason })
            Console.Error.WriteLine("sotto: " + SafeRows.Of(reason));
        return ExitCode.Of(end, everythingWasSent: true);
    }

    private async Task<SessionEnd> RunAsync()
    {
        using var ended = new CancellationTokenSource();
        var typing = _keyboard.ReadAsync(SubmitAsync, Quit, ended.Token);
        var showing = ShowAsync();
        try
        {
            return await _session.RunAsync(_killed.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return new(0, new Sotto.Direct.DirectException(Sotto.Direct.DirectFailure.ConnectionLost, "Ended without goodbye."));
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await _session.DisposeAsync().ConfigureAwait(false);
            await typing.ConfigureAwait(false);
            await showing.ConfigureAwait(false);
        }
    }

    private async Task ShowAsync()
    {
        await foreach (var happened in _session.Events.ReadAllAsync().ConfigureAwait(false))
            Show(happened);
    }

    private void Show(DirectEvent happened)
    {
        _joined = happened as PeerJoined ?? _joined;
        switch (happened)
        {
            case LineReceived line:
                _view.Show(new("", line.Peer.Name, _session.Peer is { IsVerified: true }, line.Number, line.SentAt, line.Text, line.Shape));
                _session.Acknowledge(line);
                break;
            case FileOffered file when _call.FilesFolder is { } folder:
                Accept(file.File, folder);
                break;
            default:
                if (DirectTellings.Of(happened) is { } telling)
                    _view.Tell(telling);
                break;
        }

        if (happened is WaitingForPeer waiting)
            ShowCode(waiting.InviteLink);
    }

    private void ShowCode(string link)
    {
        if (QrBlock.Render(link, _keyboard.Width, _keyboard.Style.Color) is { } rows)
            _keyboard.Screen.PrintRows(rows);
        _keyboard.Screen.Print(ChatLine.Notice("Waiting for them. /help lists what you can type; Ctrl-D ends."));
    }

    private async ValueTask SubmitAsync(string line)
    {
        if (line.Length == 0)
            return;
        if (line[0] == '/' && !line.StartsWith("//", StringComparison.Ordinal))
            Command(line);
        else
            await SendAsync(line[0] == '/' ? line[1..] : line).ConfigureAwait(false);
    }

    private async ValueTask SendAsync(string text)
    {
        if (_session.Peer is null)
        {
            Notice("Nobody is here yet; this was not sent: " + text);
            return;
        }

        try
        {
            await _session.SendAsync(Encoding.UTF8.GetBytes(text), LineShape.Line, _killed.Token).ConfigureAwait(false);
            _view.ShowOwn(_call.Name, text);
        }
        catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException)
        {
            Warn("The conversation has ended; this was not sent: " + text);
        }
    }

    private void Command(string line)
    {
        var words = line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        switch (words[0])
        {
            case "/help":
                Notice(Help);
                break;
            case "/quit":
                Quit();
                break;
            case "/verify":
                Verify(words.ElementAtOrDefault(1));
                break;
            case "/send" when words.Length > 1:
                Offer(line["/send".Length..].Trim());
                break;
            case "/accept" when words.Length > 1 && int.TryParse(words[1], out var file):
                Accept(file, words.ElementAtOrDefault(2) ?? Sotto.Direct.Identities.ProfileFolder.FromEnvironment().FilesFolder);
                break;
            case "/decline" when words.Length == 2 && int.TryParse(words[1], out var file):
                if (!_session.DeclineFile(file))
                    Notice($"There is no open offer number {file}.");
                break;
            default:
                Notice($"{words[0]} is not complete, or not a command. /help lists them; begin with // to send a line that starts with /.");
                break;
        }
    }

    private void Verify(string? answer)
    {
        if (_session.Peer is not { } peer || _joined is null)
            Notice("Nobody is here to verify yet.");
        else if (_joined.Code is not { } code)
            Notice($"{peer.Name} is verified already: {peer.Verification switch { Verification.Invite => "by the invite", Verification.Self => "this is your own identity", _ => "the key is remembered" }}. Fingerprint {peer.Identity.Fingerprint}");
        else if (answer is "yes" or "no")
            _session.AnswerCode(answer == "yes");
        else
            Notice($"The code is {code}. Compare it by voice. /verify yes: the same. /verify no: different.\n{(peer.IsVerified ? $"You have verified {peer.Name}." : $"{peer.Name} is not verified yet.")} Fingerprint {peer.Identity.Fingerprint}");
    }

    private void Offer(string path)
    {
        try
        {
            if (_session.Peer is null)
                Notice("Nobody is here yet.");
            else
                Notice($"Offered {Path.GetFileName(path)} as file {_session.OfferFile(path)}; it goes when they accept.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Warn($"{path} cannot be sent: {e.Message}");
        }
    }

    private void Accept(int file, string folder)
    {
        try
        {
            if (!_session.AcceptFile(file, folder))
                Notice($"There is no open offer number {file}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Warn($"Cannot write into {folder}: {e.Message}");
        }
    }

    private void Quit()
    {
        if (_leaving)
        {
            _killed.Cancel();
            return;
        }

        _leaving = true;
        Notice("Saying goodbye … (again: end at once)");
        _session.Leave();
    }

    private void Notice(string text) => _keyboard.Screen.Print(ChatLine.Notice(text));

    private void Warn(string text) => _keyboard.Screen.Print(ChatLine.Warning(text));
}
