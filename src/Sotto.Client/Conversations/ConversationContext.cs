using Sotto.Client.Accounts;
using Sotto.Mls.Extensions;
using Sotto.Wire;
using Sotto.Wire.Records;

namespace Sotto.Client.Conversations;

/// <summary>What a conversation is.</summary>
internal enum ConversationKind : byte
{
    Pair = 1,
    Group = 2,
    Self = 3,
}

/// <summary>Owners and admins; everybody else is a member.</summary>
internal enum ConversationRole : byte
{
    Owner = 1,
    Admin = 2,
}

/// <summary>An account with a role.</summary>
internal sealed record RoleEntry(AccountId Account, ConversationRole Role);

/// <summary>One epoch of the group before a reset.</summary>
internal sealed record ResetEpoch(ulong Epoch, ReadOnlyMemory<byte> Authenticator);

/// <summary>Which group this one takes the place of.</summary>
internal sealed record ResetMark(ReadOnlyMemory<byte> OldGroup, IReadOnlyList<ResetEpoch> Last);

/// <summary>
/// The group-context extension: <c>uint8 format = 1; uint8 kind; opaque conversation_id[16], relay_fingerprint[16],
/// channel_id[16], mailbox_key[32]; struct { opaque account[32]; uint8 role } roles&lt;V&gt;; uint32 policy_version;
/// uint8 has_reset; [opaque old_group&lt;V&gt;; struct { uint64 epoch; opaque authenticator&lt;V&gt; } last&lt;V&gt;]</c>.
/// </summary>
internal sealed record ConversationContext
{
    private const byte Format = 1;
    private const int MostRoles = 50;
    private const int MostResetEpochs = 22;

    public required ConversationKind Kind { get; init; }

    public required Bytes16 Id { get; init; }

    public required Bytes16 Relay { get; init; }

    public required Bytes16 Channel { get; init; }

    public required Bytes32 MailboxKey { get; init; }

    public required IReadOnlyList<RoleEntry> Roles { get; init; }

    public uint PolicyVersion { get; init; } = 1;

    public ResetMark? Reset { get; init; }

    /// <summary>The id of the conversation of two accounts: the same whoever of them computes it.</summary>
    public static Bytes16 PairId(AccountId one, AccountId other)
    {
        var (lower, higher) = one.Value < other.Value ? (one, other) : (other, one);
        var hash = Bytes32.HashOf(new TlsWriter().Bytes("Sotto 1 pair"u8).ThirtyTwo(lower.Value).ThirtyTwo(higher.Value).Written);
        return new(hash.ToArray().AsSpan(0, Bytes16.Length));
    }

    public ConversationRole? RoleOf(AccountId account) => Roles.FirstOrDefault(entry => entry.Account == account)?.Role;

    public bool IsOwner(AccountId account) => RoleOf(account) == ConversationRole.Owner;

    public Extension ToExtension()
    {
        var roles = new TlsWriter();
        foreach (var entry in Roles)
            roles.ThirtyTwo(entry.Account.Value).Byte((byte)entry.Role);
        var writer = new TlsWriter().Byte(Format).Byte((byte)Kind).Sixteen(Id).Sixteen(Relay).Sixteen(Channel).ThirtyTwo(MailboxKey)
            .Vector(roles.Written).Number32(PolicyVersion).Byte(Reset is null ? (byte)0 : (byte)1);
        if (Reset is { } reset)
        {
            var last = new TlsWriter();
            foreach (var epoch in reset.Last)
                last.Number64(epoch.Epoch).Vector(epoch.Authenticator.Span);
            writer.Vector(reset.OldGroup.Span).Vector(last.Written);
        }

        return new(ConversationExtensions.Conversation, writer.ToArray());
    }

    /// <summary>Reads it from a group context; null when it is missing or cannot be read.</summary>
    public static ConversationContext? From(ExtensionList extensions) =>
        extensions.Find(ConversationExtensions.Conversation) is { } data ? Read(data.Span) : null;

    private static ConversationContext? Read(ReadOnlySpan<byte> data)
    {
        var reader = new TlsReader(data);
        var known = reader.Byte() == Format;
        var kind = (ConversationKind)reader.Byte();
        var (id, relay, channel, mailboxKey) = (reader.Sixteen(), reader.Sixteen(), reader.Sixteen(), reader.ThirtyTwo());
        var roles = ReadRoles(reader.Vector());
        var version = reader.Number32();
        var hasReset = reader.Byte();
        var reset = hasReset == 1 ? new ResetMark(reader.Vector().ToArray(), ReadEpochs(reader.Vector()) ?? []) : null;
        if (!known || !reader.AtEnd || kind is < ConversationKind.Pair or > ConversationKind.Self || roles is null || hasReset > 1 || reset is { Last.Count: 0 })
            return null;
        return new() { Kind = kind, Id = id, Relay = relay, Channel = channel, MailboxKey = mailboxKey, Roles = roles, PolicyVersion = version, Reset = reset };
    }

    private static List<RoleEntry>? ReadRoles(ReadOnlySpan<byte> bytes)
    {
        var roles = new List<RoleEntry>();
        var reader = new TlsReader(bytes);
        while (reader.HasMore)
        {
            var entry = new RoleEntry(new(reader.ThirtyTwo()), (ConversationRole)reader.Byte());
            if (roles.Count == MostRoles || entry.Role is < ConversationRole.Owner or > ConversationRole.Admin || roles.Any(other => other.Account == entry.Account))
                return null;
            roles.Add(entry);
        }

        return reader.AtEnd ? roles : null;
    }

    private static List<ResetEpoch>? ReadEpochs(ReadOnlySpan<byte> bytes)
    {
        var epochs = new List<ResetEpoch>();
        var reader = new TlsReader(bytes);
        while (reader.HasMore)
        {
            if (epochs.Count == MostResetEpochs)
                return null;
            epochs.Add(new(reader.Number64(), reader.Vector().ToArray()));
        }

        return reader.AtEnd ? epochs : null;
    }
}
