namespace Sotto.Mls.Groups;

/// <summary>What can be done with a group.</summary>
public enum GroupStatus : byte
{
    /// <summary>Messages and commits come and go.</summary>
    Active = 1,

    /// <summary>A commit removed this client: nothing can be done (RFC 9420 §12.4.2).</summary>
    Removed = 2,

    /// <summary>A commit ended the group for a new one: nothing is sent, and the successor is joined or made (§11.2).</summary>
    ReInitialised = 3,
}
