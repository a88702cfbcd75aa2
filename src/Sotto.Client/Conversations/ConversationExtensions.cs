using Sotto.Mls.Extensions;

namespace Sotto.Client.Conversations;

/// <summary>The messenger's own numbers in MLS, all of the private-use range (RFC 9420 §17).</summary>
internal static class ConversationExtensions
{
    /// <summary>Group context: <see cref="ConversationContext"/>.</summary>
    public const ushort Conversation = 0xF501;

    /// <summary>Leaf: <see cref="LeafInfo"/>.</summary>
    public const ushort Leaf = 0xF502;

    /// <summary>KeyPackage and leaf of a repair: <see cref="RepairMark"/>.</summary>
    public const ushort Repair = 0xF503;

    /// <summary>Proposal: why a leaf is removed. It changes nothing.</summary>
    public const ushort Reason = 0xF504;

    /// <summary>What every client of the messenger supports.</summary>
    public static IReadOnlyList<ushort> Extensions { get; } = [Conversation, Leaf, Repair, ExtensionTypes.AppDataDictionary];

    public static IReadOnlyList<ushort> Proposals { get; } = [Reason];

    /// <summary>What every member of a conversation must support.</summary>
    public static Extension Required { get; } = new RequiredCapabilities([Conversation, Leaf, Repair], [Reason], []).ToExtension();
}
