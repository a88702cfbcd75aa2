using Sotto.Direct.Identities;

namespace Sotto.Direct.Conversations;

/// <summary>Why a peer counts as the person it says it is.</summary>
public enum Verification
{
    /// <summary>Not at all: the spoken code was not compared yet.</summary>
    None,

    /// <summary>Both held the same one-time invite.</summary>
    Invite,

    /// <summary>The person compared the spoken code and said yes.</summary>
    Code,

    /// <summary>The key is remembered as verified from an earlier conversation.</summary>
    Remembered,

    /// <summary>The key is one's own: the same person in two terminals.</summary>
    Self,
}

/// <summary>Whom a conversation is with.</summary>
/// <param name="Identity">The proven key and the name.</param>
/// <param name="Verification">Why the key counts as this person's.</param>
public sealed record DirectPeer(PublicIdentity Identity, Verification Verification)
{
    /// <summary>The name, which is the peer's word until it is verified.</summary>
    public string Name => Identity.Name;

    /// <summary>Whether the key counts as this person's.</summary>
    public bool IsVerified => Verification != Verification.None;
}
