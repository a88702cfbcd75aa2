using Sotto.Crypto.Native;
using Sotto.Direct.Identities;
using Sotto.Direct.Invites;
using Sotto.Direct.Sessions;
using Sotto.Terminal.Commands;

namespace Sotto.Terminal.Direct;

/// <summary>
/// <c>sotto direct host</c> and <c>join</c> in the default mode: opens the identity, makes the session, and lets input and
/// output work on it until it ends.
/// </summary>
internal static class DirectRun
{
    private static readonly TimeSpan PipeGivesUpAfter = TimeSpan.FromMinutes(2);

    public static async Task<int> HostAsync(DirectCall call, HostSettings host, CancellationToken cancellationToken)
    {
        using var profile = OpenProfile(call);
        await using var session = new DirectHost(profile.Settings, host);
        return await RunAsync(call, session, new StdinLines(), cancellationToken).ConfigureAwait(false);
    }

    public static async Task<int> JoinAsync(DirectCall call, IReadOnlyList<HostAddress> addresses, DirectInvite? invite, StdinLines input, CancellationToken cancellationToken)
    {
        using var profile = OpenProfile(call);
        var join = new JoinSettings { Addresses = addresses, Invite = invite, GiveUpAfter = IsInteractive(call) ? null : PipeGivesUpAfter };
        await using var session = new DirectJoiner(profile.Settings, join);
        return await RunAsync(call, session, input, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Somebody sits at a keyboard and a screen.</summary>
    public static bool IsInteractive(DirectCall call) => !call.Json && !Console.IsInputRedirected && !Console.IsOutputRedirected;

    private static async Task<int> RunAsync(DirectCall call, DirectSession session, StdinLines input, CancellationToken cancellationToken)
    {
        using var killed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var signals = new LeaveSignals(session.Leave, killed.Cancel);
        if (IsInteractive(call))
            return await ScreenChat.RunAsync(call, session, killed.Token).ConfigureAwait(false);
        await using ChatView view = call.Json
            ? new JsonView(Console.OpenStandardOutput())
            : new PipeView(Console.OpenStandardOutput(), Console.Error, !Console.IsOutputRedirected);
        return await PipeChat.RunAsync(call, session, input, view, killed.Token).ConfigureAwait(false);
    }

    private static Profile OpenProfile(DirectCall call)
    {
        var crypto = new NativeCryptoProvider();
        var folder = ProfileFolder.FromEnvironment();
        var file = new IdentityFile(crypto, folder.IdentityFile);
        var isNew = !file.Exists;
        using var passphrase = file.IsSealed ? Passphrases.Ask("Passphrase of your identity key: ") : null;
        var self = file.OpenOrCreate(call.Name, passphrase);
        if (isNew)
            Console.Error.WriteLine($"Made your identity key: {self.Public.Fingerprint}\n  in {file.Path}  (a passphrase for it: sotto direct passphrase)");
        return new(new DirectSettings { Crypto = crypto, Self = self, Peers = new PeerBook(crypto, folder.PeersFile), EndsWithPeer = IsInteractive(call), OnlyVerified = !IsInteractive(call) && !call.AllowUnverified });
    }

    private sealed record Profile(DirectSettings Settings) : IDisposable
    {
        public void Dispose() => Settings.Self.Dispose();
    }
}
