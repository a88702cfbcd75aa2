namespace Sotto.Mls.Extensions;

/// <summary>Extension types of RFC 9420 §17.3 and draft-ietf-mls-extensions.</summary>
public static class ExtensionTypes
{
    /// <summary>An identifier of the application's, in a leaf (§5.3.3).</summary>
    public const ushort ApplicationId = 1;

    /// <summary>The public tree, in a GroupInfo (§12.4.3.3).</summary>
    public const ushort RatchetTree = 2;

    /// <summary>What every member must support, in the group context (§11.1).</summary>
    public const ushort RequiredCapabilities = 3;

    /// <summary>The key for external commits, in a GroupInfo (§12.4.3.2).</summary>
    public const ushort ExternalPub = 4;

    /// <summary>Who may propose from outside, in the group context (§12.1.8.1).</summary>
    public const ushort ExternalSenders = 5;

    /// <summary>Data of application components (draft-ietf-mls-extensions).</summary>
    public const ushort AppDataDictionary = 6;

    /// <summary>Whether every client supports the type, so that capabilities never list it (§7.2).</summary>
    public static bool IsDefault(ushort type) => type is >= ApplicationId and <= ExternalSenders;
}

/// <summary>The values that are reserved so that peers show how they treat what they do not know (RFC 9420 §13.5).</summary>
public static class Grease
{
    /// <summary>Whether a number is one of the reserved ones.</summary>
    public static bool IsGrease(ushort value) => (value & 0x0F0F) == 0x0A0A && value >> 8 == (value & 0xFF) && value != 0xFAFA;

    /// <summary>One of the fifteen, chosen by a random byte.</summary>
    internal static ushort Pick(byte random) => (ushort)(0x0A0A + (random % 15 * 0x1010));
}
