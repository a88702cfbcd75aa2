using System.Text;
using Sotto.Direct.Conversations;
using Sotto.Direct.Paper;
using Sotto.Terminal.Commands;

namespace Sotto.Terminal.Direct;

/// <summary>One conversation of paper mode, at a keyboard or in a pipe.</summary>
internal static class PaperChat
{
    /// <summary>How long somebody at a keyboard waits for the other side to close too.</summary>
    private static readonly TimeSpan GoodbyeLimit = TimeSpan.FromSeconds(5);

    /// <summary>How long a pipe goes on receiving after its own input has ended.</summary>
    private static readonly TimeSpan PipeGoodbyeLimit = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(DirectCall call, PaperConversation conversation, StdinLines input, CancellationToken cancellationToken)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var signals = new LeaveSignals(leaving.Cancel, leaving.Cancel);
        if (DirectRun.IsInteractive(call))
        {
            using var keyboard = new Keyboard();
            await using var screen = new ScreenView(keyboard.Screen);
            screen.Tell(new("joined", "Somebody with a connection is here. Ctrl-D ends.", false));
            return await TalkAsync(conversation, screen, token => SendTypedAsync(call, conversation, keyboard, screen, leaving.Cancel, token), GoodbyeLimit, outlastsPeer: false, leaving.Token).ConfigureAwait(false);
        }

        await using ChatView view = call.Json
            ? new JsonView(Console.OpenStandardOutput())
            : new PipeView(Console.OpenStandardOutput(), Console.Error, !Console.IsOutputRedirected);
        view.Tell(new("joined", "Somebody with a connection is here.", false));
        return await TalkAsync(conversation, view, token => SendInputAsync(conversation, view, input, token), PipeGoodbyeLimit, outlastsPeer: true, leaving.Token).ConfigureAwait(false);
    }

    /// <summary>
    /// Runs until this side has sent everything and said goodbye, or the peer is gone. A peer that has only finished speaking
    /// may still listen: an input that outlasts it is sent to its end.
    /// </summary>
    private static async Task<int> TalkAsync(PaperConversation conversation, ChatView view, Func<CancellationToken, Task<bool>> send, TimeSpan goodbye, bool outlastsPeer, CancellationToken leaving)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(leaving);
        var showing = ShowAsync(conversation, view, CancellationToken.None);
        var sending = send(over.Token);
        await Task.WhenAny(showing, sending).ConfigureAwait(false);
        if (outlastsPeer && showing.IsCompletedSuccessfully && await showing.ConfigureAwait(false))
            await sending.ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        var ending = await conversation.CompleteAsync(goodbye, CancellationToken.None).ConfigureAwait(false);
        if (ending == PaperEnding.PeerStayed)
            await conversation.DisposeAsync().ConfigureAwait(false);
        await showing.ConfigureAwait(false);
        if (await sending.ConfigureAwait(false) && ending != PaperEnding.Broken)
            return ExitCode.Done;
        view.Tell(new("ended", "Not everything was sent.", true));
        return ExitCode.NotDelivered;
    }

    /// <summary>Shows everything that comes.</summary>
    /// <returns>True when the peer closed its side; false when the connection broke.</returns>
    private static async Task<bool> ShowAsync(PaperConversation conversation, ChatView view, CancellationToken cancellationToken)
    {
        var number = 0L;
        var politely = false;
        await foreach (var happened in conversation.ReadEventsAsync(cancellationToken).ConfigureAwait(false))
        {
            if (happened is PaperLine line)
                view.Show(new("", "peer", false, ++number, line.MadeAt, line.Line, LineShape.Line));
            else if (happened is PaperRefused refused)
                view.Tell(new("refused", refused.Sentence, true, ("reason", refused.Reason.ToString())));
            else if (happened is PaperClosed closed)
                view.Tell(new("left", (politely = closed.Politely) ? "The other side has closed the connection." : "The connection broke.", false));
            await view.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        return politely;
    }

    /// <summary>Sends the whole input.</summary>
    /// <returns>False when a line was refused, or the conversation ended before the input did.</returns>
    private static async Task<bool> SendInputAsync(PaperConversation conversation, ChatView view, StdinLines input, CancellationToken cancellationToken)
    {
        try
        {
            var everything = true;
            await foreach (var (text, _) in input.ReadAsync(cancellationToken).ConfigureAwait(false))
                everything &= await TrySendAsync(conversation, view, text, cancellationToken).ConfigureAwait(false);
            return everything;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Sends what is typed; what cannot be sent was said at once, so that quitting is not a failure.</summary>
    private static async Task<bool> SendTypedAsync(DirectCall call, PaperConversation conversation, Keyboard keyboard, ScreenView view, Action quit, CancellationToken cancellationToken)
    {
        await keyboard.ReadAsync(SubmitAsync, quit, cancellationToken).ConfigureAwait(false);
        return true;

        async ValueTask SubmitAsync(string line)
        {
            if (line is "/quit")
                quit();
            else if (line.Length > 0 && await TrySendAsync(conversation, view, Encoding.UTF8.GetBytes(line), cancellationToken).ConfigureAwait(false))
                view.ShowOwn(call.Name, line);
        }
    }

    private static async ValueTask<bool> TrySendAsync(PaperConversation conversation, ChatView view, ReadOnlyMemory<byte> line, CancellationToken cancellationToken)
    {
        try
        {
            await conversation.SendAsync(line, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (PaperException refusal)
        {
            view.Tell(new("notSent", refusal.Message, true));
            return false;
        }
    }
}
