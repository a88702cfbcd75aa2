using Sotto.Client;
using Sotto.Client.Content;
using Sotto.Client.Conversations;
using Sotto.Client.Invites;
using Sotto.Client.Sending;
using Sotto.Terminal.Commands;
using Sotto.Terminal.Direct;
using Sotto.Terminal.Screen;

namespace Sotto.Terminal.Client;

/// <summary>Carries out verbs on an open client. What they say goes line by line to whoever asked.</summary>
internal sealed class Verbs(SottoClient client, Func<VerbReply, ValueTask> say)
{
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(VerbRequest request, CancellationToken cancellation)
    {
        try
        {
            return await (request.Verb switch
            {
                "send" => SendAsync(request, cancellation),
                "read" => ReadAsync(request, cancellation),
                "listen" => ListenAsync(request, cancellation),
                "chats" => ChatsAsync(request, cancellation),
                "verify" => VerifyAsync(request, cancellation),
                "block" => BlockAsync(request, cancellation),
                "invite new" => NewInviteAsync(request, cancellation),
                "invite list" => ListInvitesAsync(request, cancellation),
                "invite revoke" => RevokeInviteAsync(request, cancellation),
                _ => FailAsync("The program that holds this profile is of another version.", ExitCode.Unexpected),
            }).ConfigureAwait(false);
        }
        catch (UsageException mistake)
        {
            return await FailAsync(mistake.Message, ExitCode.Usage).ConfigureAwait(false);
        }
        catch (ClientException refused)
        {
            return await FailAsync(refused.Message, ExitCode.Of(refused.Failure)).ConfigureAwait(false);
        }
    }

    /// <summary>How a contact is known, in words.</summary>
    public static string Standing(Conversation conversation) => conversation switch
    {
        { IsBlocked: true } => "blocked",
        { IsStopped: true } => "stopped",
        { Verification: Verification.Invite } => "verified by the invite",
        { Verification: Verification.Compared } => "verified by the safety number",
        _ => "not verified",
    };

    private async Task<int> SendAsync(VerbRequest request, CancellationToken cancellation)
    {
        var conversation = await FindAsync(request, cancellation).ConfigureAwait(false);
        var message = await conversation.SendAsync(request.Text ?? "", IdOf(request.ReplyTo), cancellation).ConfigureAwait(false);
        var wanted = request.Wait switch
        {
            "delivered" => MessageStatus.Delivered,
            "read" => MessageStatus.Read,
            _ => MessageStatus.Sent,
        };
        var isThere = await InTimeAsync(request, token => client.UntilAsync(async () => await conversation.FindAsync(message.Place, token).ConfigureAwait(false) is { } now && now.Status >= wanted, token), cancellation).ConfigureAwait(false);
        if (request.Json && await conversation.FindAsync(message.Place, cancellation).ConfigureAwait(false) is { } last)
            await SayAsync(MessageLines.Json(conversation, last)).ConfigureAwait(false);
        return isThere ? ExitCode.Done : await FailAsync(
            wanted == MessageStatus.Sent ? "The message is stored and goes out when the relay can be reached." : $"The message was not {request.Wait} in time.", ExitCode.NotDelivered).ConfigureAwait(false);
    }

    private async Task<int> ReadAsync(VerbRequest request, CancellationToken cancellation)
    {
        var conversation = await FindAsync(request, cancellation).ConfigureAwait(false);
        var isWhole = await InTimeAsync(request, client.CatchUpAsync, cancellation).ConfigureAwait(false);
        var messages = await conversation.ReadAsync(request.Count, cancellationToken: cancellation).ConfigureAwait(false);
        foreach (var message in messages)
            await SayAsync(Line(request, conversation, message)).ConfigureAwait(false);
        if (messages.Count > 0)
            await conversation.MarkShownAsync(messages[^1].Place, cancellation).ConfigureAwait(false);
        if (isWhole)
            await InTimeAsync(request, client.FlushAsync, cancellation).ConfigureAwait(false);
        return isWhole ? ExitCode.Done : await FailAsync("The relay cannot be reached: newer messages may be waiting there.", ExitCode.Network).ConfigureAwait(false);
    }

    private async Task<int> ListenAsync(VerbRequest request, CancellationToken cancellation)
    {
        using var listener = client.Listen();
        await foreach (var happened in listener.ReadAsync(cancellation).ConfigureAwait(false))
        {
            if (happened is MessageReceived received)
            {
                await SayAsync(Line(request, received.Conversation, received.Message)).ConfigureAwait(false);
                await received.Conversation.MarkShownAsync(received.Message.Place, cancellation).ConfigureAwait(false);
            }
            else if (ClientTellings.Of(happened) is { } telling)
                await say(new("· " + SafeRows.Of(telling.Text), IsError: true)).ConfigureAwait(false);
        }

        return ExitCode.Done;
    }

    private async Task<int> ChatsAsync(VerbRequest request, CancellationToken cancellation)
    {
        var conversations = await client.ConversationsAsync(cancellation).ConfigureAwait(false);
        foreach (var conversation in conversations.OrderBy(conversation => conversation.Name, StringComparer.OrdinalIgnoreCase))
        {
            var last = await conversation.ReadAsync(1, cancellationToken: cancellation).ConfigureAwait(false);
            await SayAsync(request.Json ? MessageLines.Json(conversation, last.Count == 0 ? null : last[0]) : $"{ShownText.Of(conversation.Name)}\t{conversation.Peer}\t{Standing(conversation)}").ConfigureAwait(false);
        }

        return ExitCode.Done;
    }

    private async Task<int> VerifyAsync(VerbRequest request, CancellationToken cancellation)
    {
        var conversation = await FindAsync(request, cancellation).ConfigureAwait(false);
        if (request.Answer is { } isEqual)
            await conversation.AnswerSafetyNumberAsync(isEqual, cancellation).ConfigureAwait(false);
        await SayAsync($"{ShownText.Of(conversation.Name)} is {Standing(conversation)}. Safety number, the same on both sides:").ConfigureAwait(false);
        await SayAsync(conversation.SafetyNumber).ConfigureAwait(false);
        return ExitCode.Done;
    }

    private async Task<int> BlockAsync(VerbRequest request, CancellationToken cancellation)
    {
        var conversation = await FindAsync(request, cancellation).ConfigureAwait(false);
        await client.BlockAsync(conversation, request.Answer ?? true, cancellation).ConfigureAwait(false);
        await SayAsync(conversation.IsBlocked ? $"What {ShownText.Of(conversation.Name)} sends is not taken any more." : $"{ShownText.Of(conversation.Name)} can write to you again.").ConfigureAwait(false);
        return ExitCode.Done;
    }

    private async Task<int> NewInviteAsync(VerbRequest request, CancellationToken cancellation)
    {
        Invite? invite = null;
        if (!await InTimeAsync(request, async token => invite = await client.CreateInviteAsync(Week, request.Count, token).ConfigureAwait(false), cancellation).ConfigureAwait(false))
            return await FailAsync("The relay cannot be reached.", ExitCode.Network).ConfigureAwait(false);
        await SayAsync(invite!.Link).ConfigureAwait(false);
        return ExitCode.Done;
    }

    private async Task<int> ListInvitesAsync(VerbRequest request, CancellationToken cancellation)
    {
        foreach (var invite in await client.InvitesAsync(cancellation).ConfigureAwait(false))
            await SayAsync($"{invite.Name}\t{invite.State.ToString().ToLowerInvariant()}\tuntil {invite.Expires:yyyy-MM-dd HH:mm} UTC").ConfigureAwait(false);
        return ExitCode.Done;
    }

    private async Task<int> RevokeInviteAsync(VerbRequest request, CancellationToken cancellation)
    {
        if (!await client.RevokeInviteAsync(request.Name!, cancellation).ConfigureAwait(false))
            throw new UsageException("There is no open invite of that name: sotto invite list shows them.");
        return await InTimeAsync(request, token => client.UntilAsync(async () => !(await client.InvitesAsync(token).ConfigureAwait(false)).Any(invite => invite is { State: InviteState.Revoked, IsEnding: true }), token), cancellation).ConfigureAwait(false)
            ? ExitCode.Done
            : await FailAsync("It is taken back here, and the relay is told when it can be reached.", ExitCode.NotDelivered).ConfigureAwait(false);
    }

    private async Task<Conversation> FindAsync(VerbRequest request, CancellationToken cancellation) =>
        await ConversationNames.FindAsync(client, request.Name!, cancellation).ConfigureAwait(false);

    private static string Line(VerbRequest request, Conversation conversation, Message message) =>
        request.Json ? MessageLines.Json(conversation, message) : MessageLines.Text(message);

    private static MessageId? IdOf(string? text)
    {
        if (text is null)
            return null;
        var bytes = new byte[MessageId.Length];
        return Convert.FromHexString(text, bytes, out _, out var length) == System.Buffers.OperationStatus.Done && length == bytes.Length
            ? new MessageId(bytes)
            : throw new UsageException("--reply takes a message's id: sotto read --json shows them.");
    }

    private static async Task<bool> InTimeAsync(VerbRequest request, Func<CancellationToken, Task> work, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(request.Timeout), TimeProvider.System);
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

    private ValueTask SayAsync(string line) => say(new(line));

    private async Task<int> FailAsync(string message, int code)
    {
        await say(new("sotto: " + message, IsError: true)).ConfigureAwait(false);
        return code;
    }
}
