using Sotto.Client.Invites;
using Sotto.Crypto.Native;
using Sotto.Terminal.Commands;
using Sotto.Terminal.Direct;
using Sotto.Terminal.Screen;

namespace Sotto.Terminal.Client;

/// <summary><c>sotto join LINK</c>: who invites is shown, then account and keys are made, and the first message can be typed.</summary>
internal static class JoinRun
{
    public static async Task<int> RunAsync(string text, string name, bool json, CancellationToken cancellation)
    {
        var link = InviteLink.Parse(text == "-" ? Console.In.ReadLine() ?? "" : text);
        var crypto = new NativeCryptoProvider();
        var client = await ClientProfile.OpenAsync(crypto, ClientChat.IsInteractive(json) ? ClientProfile.ReportDelay : TimeSpan.Zero, cancellation).ConfigureAwait(false);
        await using var disposing = client.ConfigureAwait(false);
        var preview = await client.PreviewAsync(link, cancellation).ConfigureAwait(false);
        Console.Error.WriteLine($"· {ShownText.Of(preview.Name)} invites you.");
        var conversation = await client.JoinAsync(link, preview, name, cancellation).ConfigureAwait(false);
        if (!ClientChat.IsInteractive(json))
        {
            await client.FlushAsync(cancellation).ConfigureAwait(false);
            Console.Error.WriteLine($"· You can talk with {SafeRows.Of(conversation.Name)} now, verified by the invite:  sotto send '{SafeRows.Of(conversation.Name)}' TEXT");
            return ExitCode.Done;
        }

        var control = ControlSocket.Open(client);
        await using var closing = control.ConfigureAwait(false);
        await ClientChat.RunAsync(client, conversation, json, (screen, width) => screen?.Print(ChatLine.Notice(Paragraph.Wrap("Type your first message and press Enter. /help lists what else you can type.", width, ClientView.NoticeIndent))), cancellation).ConfigureAwait(false);
        return ExitCode.Done;
    }
}
