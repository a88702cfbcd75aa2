namespace Sotto.Mls.Proposals;

/// <summary>Proposal types of RFC 9420 §17.4 and draft-ietf-mls-extensions.</summary>
public static class ProposalTypes
{
    /// <summary>Adds a member (§12.1.1).</summary>
    public const ushort Add = 1;

    /// <summary>Replaces the sender's own leaf (§12.1.2).</summary>
    public const ushort Update = 2;

    /// <summary>Removes a member (§12.1.3).</summary>
    public const ushort Remove = 3;

    /// <summary>Brings a pre-shared key in (§12.1.4).</summary>
    public const ushort PreSharedKey = 4;

    /// <summary>Ends the group for a new one (§12.1.5).</summary>
    public const ushort ReInit = 5;

    /// <summary>Carries the init secret of an external commit (§12.1.6).</summary>
    public const ushort ExternalInit = 6;

    /// <summary>Replaces the extensions of the group context (§12.1.7).</summary>
    public const ushort GroupContextExtensions = 7;

    /// <summary>Removes its sender, also in an external commit (draft-ietf-mls-extensions).</summary>
    public const ushort SelfRemove = 10;

    /// <summary>Whether every client supports the type, so that capabilities never list it (§7.2).</summary>
    public static bool IsDefault(ushort type) => type is >= Add and <= GroupContextExtensions;
}
