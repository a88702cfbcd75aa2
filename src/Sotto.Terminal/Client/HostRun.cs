using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Sotto.Client;
using Sotto.Client.Invites;
using Sotto.Crypto.Native;
using Sotto.Direct.Identities;
using Sotto.Relay.Accounts;
using Sotto.Relay.Hosting;
using Sotto.Terminal.Commands;
using Sotto.Terminal.Relay;
using Sotto.Terminal.Screen;

namespace Sotto.Terminal.Client;

/// <summary><c>sotto host</c>: a relay, the host's own account on it, an invite, and the host's chat on the same terminal.</summary>
internal static class HostRun
{
    /// <summary>How long an invite can be used.</summary>
    public static readonly TimeSpan InviteLasts = TimeSpan.FromDays(7);

    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(string name, IPEndPoint listen, bool json, CancellationToken cancellation)
    {
        var crypto = new NativeCryptoProvider();
        var client = await ClientProfile.OpenAsync(crypto, ClientProfile.ReportDelay, cancellation).ConfigureAwait(false);
        await using var disposing = client.ConfigureAwait(false);
        var folder = Path.Combine(ProfileFolder.FromEnvironment().Path, "relay");
        var server = await RelayRun.StartAsync(new() { Listen = listen, Folder = folder }, crypto, NullLoggerFactory.Instance).ConfigureAwait(false);
        await using var stopping = server.ConfigureAwait(false);

        if (!client.HasAccount)
        {
            var link = await RegistrationTokens.IssueAsync(crypto, server.Accounts, server.Identity, server.Address.Authority, 1, TimeProvider.System).ConfigureAwait(false);
            await client.CreateAccountAsync(link, name, cancellation).ConfigureAwait(false);
        }

        await client.SetRelayAddressAsync(server.Identity.Fingerprint, server.Address.Authority, cancellation).ConfigureAwait(false);
        var control = ControlSocket.Open(client);
        await using var closing = control.ConfigureAwait(false);
        var conversations = await client.ConversationsAsync(cancellation).ConfigureAwait(false);
        var invite = await OpenInviteAsync(client, conversations.Count == 0, cancellation).ConfigureAwait(false);
        await ClientChat.RunAsync(client, conversations is [var only] ? only : null, json, (screen, width) => Begin(screen, width, server, client, invite), cancellation).ConfigureAwait(false);
        using var limit = new CancellationTokenSource(DrainTime, TimeProvider.System);
        await server.DrainAsync(limit.Token).ConfigureAwait(false);
        return ExitCode.Done;
    }

    /// <summary>An invite that is open already, or a first one for a profile that talks with nobody yet.</summary>
    private static async Task<Invite?> OpenInviteAsync(SottoClient client, bool isFirst, CancellationToken cancellation)
    {
        var open = (await client.InvitesAsync(cancellation).ConfigureAwait(false)).FirstOrDefault(invite => invite.State == InviteState.Open);
        return open ?? (isFirst ? await client.CreateInviteAsync(InviteLasts, cancellationToken: cancellation).ConfigureAwait(false) : null);
    }

    private static void Begin(ChatScreen? screen, int width, RelayServer server, SottoClient client, Invite? invite)
    {
        Say(screen, width, $"Relay on {server.Address.GetLeftPart(UriPartial.Authority)}; you are {client.Name}, account {client.Account}.");
        if (invite is null)
            return;
        Say(screen, width, "This invite lets one person in, once, within 7 days. Send it over a channel you trust:");
        if (screen is null)
        {
            Console.Error.WriteLine($"\n  {invite.Link}\n\nThey run:  sotto join 'INVITE'");
            return;
        }

        screen.PrintRows(["", "  " + invite.Link, "", "They run:  sotto join 'INVITE'"]);
        if (QrBlock.Render(invite.Link, width, ScreenStyle.FromEnvironment().Color) is { } rows)
            screen.PrintRows(rows);
        Say(screen, width, "/help lists what you can type; Ctrl-D ends.");
    }

    private static void Say(ChatScreen? screen, int width, string sentence)
    {
        if (screen is null)
            Console.Error.WriteLine("· " + sentence);
        else
            screen.Print(ChatLine.Notice(Paragraph.Wrap(sentence, width, ClientView.NoticeIndent)));
    }
}
