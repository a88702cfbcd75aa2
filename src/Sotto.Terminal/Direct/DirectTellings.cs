using Sotto.Direct;
using Sotto.Direct.Conversations;
using Sotto.Direct.Exchange;
using Sotto.Direct.Sessions;

namespace Sotto.Terminal.Direct;

/// <summary>What each event of direct mode means, in a sentence and in fields.</summary>
internal static class DirectTellings
{
    /// <summary>Null for events that are shown in another way or not at all.</summary>
    public static Telling? Of(DirectEvent happened) => happened switch
    {
        WaitingForPeer waiting => Waiting(waiting),
        PeerJoined joined => Joined(joined),
        PeerReturned returned => new("returned", $"{returned.Peer.Name} is back. {Again(returned.SentAgain, "sent again, none is lost or doubled")}", false, ("sentAgain", returned.SentAgain)),
        PeerStartedAnew anew => new("startedAnew", $"{anew.Peer.Name} is back and has begun anew. {Again(anew.SentAgain, "sent again; some may arrive twice")}", false, ("sentAgain", anew.SentAgain)),
        LinesShown shown => new("shown", null, false, ("upTo", shown.Number)),
        KeysRenewed renewed => new("keysRenewed", null, false, ("round", renewed.Round)),
        PeerVerified verified => new("verified", $"{verified.Peer.Name} is verified and remembered.", false, ("peer", verified.Peer.Name)),
        PeerDropped dropped => new("dropped", $"The connection to {dropped.Peer.Name} is gone. {dropped.Reason} Lines are kept until it is back.", true, ("peer", dropped.Peer.Name)),
        Reconnecting again => new("reconnecting", again.Attempt == 1 ? "Trying to connect again …" : null, false, ("attempt", again.Attempt)),
        PeerFinished => null,
        PeerLeft left => new("left", $"The conversation with {left.Peer.Name} has ended. Every line was delivered.", false, ("peer", left.Peer.Name)),
        VisitorRefused refused => new("refused", refused.Message, refused.Failure == DirectFailure.KeyChanged, ("reason", Camel(refused.Failure.ToString()))),
        FileOffered file => new("fileOffered", $"{file.Peer.Name} offers a file: {file.Name} ({Size(file.Size)}). Take it: /accept {file.File} [FOLDER]   Not: /decline {file.File}", false, ("file", file.File), ("name", file.Name), ("size", file.Size)),
        FileProgress move => new("fileProgress", $"{(move.Incoming ? "receiving" : "sending")} {move.Name}: {Percent(move)} % of {Size(move.Size)}", false, ("file", move.File), ("done", move.Done), ("size", move.Size), ("incoming", move.Incoming)) { IsProgress = true },
        FileFinished { Path: { } path } file => new("fileReceived", $"{file.Name} is complete: {path}", false, ("file", file.File), ("path", path)),
        FileFinished file => new("fileDelivered", $"{file.Name} was delivered whole.", false, ("file", file.File)),
        FileStopped file => new("fileStopped", $"{file.Name} was not transferred: {file.Reason}.", true, ("file", file.File), ("reason", file.Reason)),
        _ => null,
    };

    /// <summary>Why the session ended, when it was not politely.</summary>
    public static Telling? Of(SessionEnd end)
    {
        var lines = end.Undelivered == 0 ? "" : $"{(end.Failure is null ? "" : " ")}{Count(end.Undelivered)} not confirmed by the other side.";
        return end.Failure is null && end.Undelivered == 0 ? null : new("ended", (end.Failure?.Message ?? "") + lines, true, ("undelivered", end.Undelivered));
    }

    private static Telling Waiting(WaitingForPeer waiting)
    {
        var addresses = string.Join(", ", waiting.Reachable);
        var text = $"""
            Listening on {waiting.BoundTo ?? "all addresses"}, port {waiting.Port}; the invite says {addresses}.
            This invite lets one person in, once, until this program ends. Send it over a channel you trust:
            """;
        return new("waiting", text, false, ("listening", waiting.BoundTo ?? "*"), ("port", waiting.Port), ("addresses", addresses), ("invite", waiting.InviteLink)) { Verbatim = $"\n  {waiting.InviteLink}\n\nThey run:  sotto direct join 'INVITE'\n" };
    }

    private static Telling Joined(PeerJoined joined)
    {
        var (peer, code) = (joined.Peer, joined.Code?.ToString());
        var method = joined.Method == ExchangeMethod.XWing ? "X-Wing (X25519 and ML-KEM-768)" : "RSA-3072 (OAEP), as in the paper";
        var who = peer.Verification switch
        {
            Verification.Invite => $"{peer.Name} is here, verified by the invite.",
            Verification.Remembered => $"{peer.Name} is here, verified before.",
            Verification.Code => $"{peer.Name} is here, verified.",
            Verification.Self => $"{peer.Name} is here, with your own identity: this is you in another terminal.",
            _ => $"{peer.Name} is here and NOT VERIFIED: anybody can say this name.",
        };
        var compare = code is null ? ""
            : peer.IsVerified ? $"\n{peer.Name} does not know you yet and may ask for this code: {code}"
            : $"\nRead this code to each other, by voice: {code}\nThe same on both sides: /verify yes    Different: /verify no";
        return new("joined", $"{who} Keys by {method}.{compare}", !peer.IsVerified,
            [("peer", peer.Name), ("fingerprint", peer.Identity.Fingerprint.ToString()), ("verified", peer.IsVerified), ("verification", Camel(peer.Verification.ToString())), ("exchange", Camel(joined.Method.ToString())), .. code is null ? Array.Empty<(string, object)>() : [("code", code)]]);
    }

    private static string Again(int lines, string what) => lines == 0 ? "Nothing is missing." : $"{Count(lines)} {what}.";

    private static string Count(int lines) => lines == 1 ? "1 line was" : $"{lines} lines were";

    private static long Percent(FileProgress move) => move.Size == 0 ? 100 : move.Done * 100 / move.Size;

    private static string Size(long bytes) => bytes switch
    {
        < 1000 => $"{bytes} bytes",
        < 1_000_000 => $"{bytes / 1000.0:0.#} kB",
        < 1_000_000_000 => $"{bytes / 1_000_000.0:0.#} MB",
        _ => $"{bytes / 1_000_000_000.0:0.##} GB",
    };

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
