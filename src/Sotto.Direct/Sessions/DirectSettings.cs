using System.Net;
using Sotto.Crypto;
using Sotto.Direct.Exchange;
using Sotto.Direct.Identities;
using Sotto.Direct.Invites;

namespace Sotto.Direct.Sessions;

/// <summary>What both sides of direct mode stand on. Nothing here is disposed by a session.</summary>
public sealed record DirectSettings
{
    /// <summary>Primitives and randomness.</summary>
    public required ICryptoProvider Crypto { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Who this side is.</summary>
    public required Identity Self { get; init; }

    /// <summary>Who is remembered.</summary>
    public required PeerBook Peers { get; init; }

    /// <summary>
    /// When the peer has no more to say, this side is done too. True for somebody at a keyboard, false for an input that
    /// is sent to its end.
    /// </summary>
    public bool EndsWithPeer { get; init; }

    /// <summary>
    /// Talk only with people whose key is verified. For programs without anybody who could compare a code: nothing is sent
    /// to, or taken from, somebody who merely reached the port.
    /// </summary>
    public bool OnlyVerified { get; init; }
}

/// <summary>What a host adds.</summary>
public sealed record HostSettings
{
    /// <summary>Where to listen; null for all addresses.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>The port; 0 lets the system choose.</summary>
    public int Port { get; init; } = HostAddress.DefaultPort;

    /// <summary>An address that the host cannot find out itself, as behind a router.</summary>
    public HostAddress? Public { get; init; }

    /// <summary>The key exchange that is offered.</summary>
    public ExchangeMethod Method { get; init; } = ExchangeMethod.XWing;

    /// <summary>Go on waiting after a peer has left.</summary>
    public bool Keep { get; init; }
}

/// <summary>What a joiner adds.</summary>
public sealed record JoinSettings
{
    /// <summary>Where the host may be; tried side by side.</summary>
    public required IReadOnlyList<HostAddress> Addresses { get; init; }

    /// <summary>The invite, when there is one; its owner disposes it.</summary>
    public DirectInvite? Invite { get; init; }

    /// <summary>How long a lost connection is tried again; null for as long as the program runs.</summary>
    public TimeSpan? GiveUpAfter { get; init; }
}

/// <summary>How a session ended.</summary>
/// <param name="Undelivered">Lines that the peer never confirmed.</param>
/// <param name="Failure">Why it ended, unless it ended politely.</param>
public sealed record SessionEnd(int Undelivered, DirectException? Failure)
{
    /// <summary>Both sides said goodbye and every line was confirmed.</summary>
    public bool IsComplete => Undelivered == 0 && Failure is null;
}
