using Sotto.Client.Relays;
using Sotto.Client.Storage;
using Sotto.Crypto;

namespace Sotto.Client;

/// <summary>What a client is made of.</summary>
public sealed record SottoClientOptions
{
    /// <summary>The primitives.</summary>
    public required ICryptoProvider Crypto { get; init; }

    /// <summary>Where the profile lies; the client disposes it.</summary>
    public required IClientStore Store { get; init; }

    /// <summary>How relays are reached.</summary>
    public required IRelays Relays { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>
    /// How long a report of delivered and read messages may wait for others to go with it, at random from half a second; zero for
    /// programs that end at once.
    /// </summary>
    public TimeSpan LongestReportDelay { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Whether others learn that a message was shown here.</summary>
    public bool SendReadReceipts { get; init; } = true;
}
