using Sotto.Direct.Exchange;
using Sotto.Direct.Handshake;
using Sotto.Direct.Invites;
using Sotto.Direct.Sessions;

namespace Sotto.Direct.Conversations;

/// <summary>What happens in direct mode, in order, for whoever shows it.</summary>
public abstract record DirectEvent
{
    private protected DirectEvent()
    {
    }
}

/// <summary>The host waits for a peer.</summary>
/// <param name="Reachable">The addresses that the invite carries.</param>
/// <param name="BoundTo">The one address that is listened on; null for all of this machine's.</param>
/// <param name="Port">The port that is listened on.</param>
/// <param name="InviteLink">A link that nobody has used, for one person.</param>
public sealed record WaitingForPeer(IReadOnlyList<HostAddress> Reachable, string? BoundTo, int Port, string InviteLink) : DirectEvent;

/// <summary>A conversation begins.</summary>
/// <param name="Peer">With whom.</param>
/// <param name="Method">The key exchange.</param>
/// <param name="Code">The code to compare, when one of the two sides does not know the other yet.</param>
/// <param name="PeerHasVerifiedMe">The peer says that it needs no comparing.</param>
public sealed record PeerJoined(DirectPeer Peer, ExchangeMethod Method, SpokenCode? Code, bool PeerHasVerifiedMe) : DirectEvent;

/// <summary>The connection is back and nothing was lost.</summary>
/// <param name="Peer">With whom.</param>
/// <param name="SentAgain">Lines that the peer had not confirmed and that are sent again.</param>
public sealed record PeerReturned(DirectPeer Peer, int SentAgain) : DirectEvent;

/// <summary>The peer is back but has no memory of this conversation, so a new one begins.</summary>
/// <param name="Peer">With whom.</param>
/// <param name="SentAgain">Lines that it never confirmed; they are sent again and may arrive twice.</param>
public sealed record PeerStartedAnew(DirectPeer Peer, int SentAgain) : DirectEvent;

/// <summary>A line, or a part of one. After showing it, say so with <see cref="DirectSession.Acknowledge"/>.</summary>
/// <param name="Peer">From whom.</param>
/// <param name="Number">Its number in the conversation, from 1.</param>
/// <param name="Text">The bytes as sent, without the line's end; UTF-8 unless they came from a file.</param>
/// <param name="Shape">How the bytes stand to a line.</param>
/// <param name="SentAt">When it was sealed, Unix seconds by the peer's clock.</param>
public sealed record LineReceived(DirectPeer Peer, long Number, ReadOnlyMemory<byte> Text, LineShape Shape, long SentAt) : DirectEvent;

/// <summary>How the bytes of one message stand to a line of text.</summary>
public enum LineShape
{
    /// <summary>A whole line, or the last part of one; a line's end follows.</summary>
    Line = 0,

    /// <summary>A part of a longer line: the next message goes on with it.</summary>
    Continues = 1,

    /// <summary>The last bytes of an input that does not end with a line's end.</summary>
    Unterminated = 2,
}

/// <summary>The peer has shown all lines up to this one.</summary>
public sealed record LinesShown(long Number) : DirectEvent;

/// <summary>New keys are in use.</summary>
/// <param name="Round">How many exchanges this connection has had since its first.</param>
public sealed record KeysRenewed(int Round) : DirectEvent;

/// <summary>The person has said that the spoken codes agree.</summary>
public sealed record PeerVerified(DirectPeer Peer) : DirectEvent;

/// <summary>The connection is gone; lines are kept until it is back.</summary>
public sealed record PeerDropped(DirectPeer Peer, string Reason) : DirectEvent;

/// <summary>The joiner tries again.</summary>
public sealed record Reconnecting(int Attempt) : DirectEvent;

/// <summary>The peer will send no more lines, and all of them were shown.</summary>
public sealed record PeerFinished(DirectPeer Peer) : DirectEvent;

/// <summary>The conversation ended politely.</summary>
public sealed record PeerLeft(DirectPeer Peer) : DirectEvent;

/// <summary>Somebody was turned away; the conversation, if there is one, goes on.</summary>
/// <param name="Failure">Why.</param>
/// <param name="Message">A sentence for the person.</param>
public sealed record VisitorRefused(DirectFailure Failure, string Message) : DirectEvent;

/// <summary>The peer offers a file; nothing is written before it is accepted.</summary>
public sealed record FileOffered(DirectPeer Peer, int File, string Name, long Size) : DirectEvent;

/// <summary>A transfer moves.</summary>
public sealed record FileProgress(int File, string Name, long Done, long Size, bool Incoming) : DirectEvent;

/// <summary>A file is complete: on disk here, or on the peer's.</summary>
/// <param name="File">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Path">Where it lies, for a file received.</param>
public sealed record FileFinished(int File, string Name, string? Path) : DirectEvent;

/// <summary>A transfer ended without the whole file.</summary>
public sealed record FileStopped(int File, string Name, string Reason) : DirectEvent;
