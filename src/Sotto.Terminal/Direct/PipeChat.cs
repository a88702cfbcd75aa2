using Sotto.Direct.Conversations;
using Sotto.Direct.Sessions;
using Sotto.Terminal.Commands;

namespace Sotto.Terminal.Direct;

/// <summary>A conversation without a keyboard: stdin's lines are sent, the peer's go to the view.</summary>
internal static class PipeChat
{
    public static async Task<int> RunAsync(DirectCall call, DirectSession session, StdinLines input, ChatView view, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = SendAsync(session, input, ended.Token);
        var showing = ShowAsync(call, session, view);
        var end = await session.RunAsync(cancellationToken).ConfigureAwait(false);
        await showing.ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        var everythingWasSent = sending.IsCompletedSuccessfully && await sending.ConfigureAwait(false);
        var code = ExitCode.Of(end, everythingWasSent);
        if (DirectTellings.Of(end) is { } reason)
            view.Tell(reason);
        if (code == ExitCode.NotDelivered && end.Undelivered == 0)
            view.Tell(new("ended", "The conversation ended and not all of the input was sent.", true));
        return code;
    }

    /// <summary>Sends the whole input.</summary>
    /// <returns>False when the session ended before the input did.</returns>
    private static async Task<bool> SendAsync(DirectSession session, StdinLines input, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var (text, shape) in input.ReadAsync(cancellationToken).ConfigureAwait(false))
                await session.SendAsync(text, shape, cancellationToken).ConfigureAwait(false);
            session.CompleteSending();
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            return false;
        }
    }

    private static async Task ShowAsync(DirectCall call, DirectSession session, ChatView view)
    {
        while (await session.Events.WaitToReadAsync().ConfigureAwait(false))
        {
            LineReceived? last = null;
            while (session.Events.TryRead(out var happened))
            {
                Show(call, session, view, happened);
                last = happened as LineReceived ?? last;
            }

            await view.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            if (last is not null)
                session.Acknowledge(last);
        }
    }

    private static void Show(DirectCall call, DirectSession session, ChatView view, DirectEvent happened)
    {
        if (happened is LineReceived line)
            view.Show(new(view is JsonView ? Convert.ToHexStringLower(session.ConversationId) : "", line.Peer.Name, line.Peer.IsVerified, line.Number, line.SentAt, line.Text, line.Shape));
        else if (happened is FileOffered file)
            Answer(call, session, view, file);
        else if (DirectTellings.Of(happened) is { } telling)
            view.Tell(telling);
    }

    private static void Answer(DirectCall call, DirectSession session, ChatView view, FileOffered file)
    {
        if (DirectTellings.Of(file) is { } telling)
            view.Tell(telling with { Text = $"{file.Peer.Name} offers a file: {file.Name}. {(call.FilesFolder is { } folder ? $"It goes into {folder}." : "Nobody is here to take it; --accept-files FOLDER takes every file.")}" });
        try
        {
            if (call.FilesFolder is { } folder)
                session.AcceptFile(file.File, folder);
            else
                session.DeclineFile(file.File);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            session.DeclineFile(file.File);
            view.Tell(new("fileStopped", $"{file.Name} was not taken: {e.Message}", true, ("file", file.File)));
        }
    }
}
