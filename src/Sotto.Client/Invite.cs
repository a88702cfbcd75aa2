using Sotto.Client.Invites;

namespace Sotto.Client;

/// <summary>An own invite.</summary>
public sealed class Invite
{
    internal Invite(InviteRecord record, InviteLink link) => (Record, Link) = (record, link.ToLink());

    /// <summary>Names it in lists: the first characters of its id.</summary>
    public string Name => Convert.ToHexStringLower(Record.Id.ToArray().AsSpan(0, 4));

    /// <summary>What to send to the person who is to join. Secret until it is used.</summary>
    public string Link { get; }

    /// <summary>How far it is.</summary>
    public InviteState State => Record.State;

    /// <summary>Until when it can be used.</summary>
    public DateTimeOffset Expires => DateTimeOffset.FromUnixTimeSeconds(Record.ExpiresHour * 3600L);

    /// <summary>Whether the relay is still to hear that it has ended.</summary>
    public bool IsEnding => Record is { State: InviteState.Used or InviteState.Revoked, EndIsTold: false };

    internal InviteRecord Record { get; }
}
