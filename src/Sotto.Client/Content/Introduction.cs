using Sotto.Client.Accounts;
using Sotto.Crypto;
using Sotto.Wire;
using Sotto.Wire.Records;

namespace Sotto.Client.Content;

/// <summary>
/// What a device says first in a conversation: <c>uint8 format = 1; opaque lists&lt;V&gt; (each opaque&lt;V&gt;, the first one first);
/// opaque profile&lt;V&gt;; opaque contact_token[32], lane_capability[32]</c>.
/// </summary>
internal sealed record Introduction(IReadOnlyList<byte[]> Lists, SignedRecord Profile, Bytes32 ContactToken, Bytes32 Lane)
{
    private const byte Format = 1;
    private const int MostLists = 64;

    public byte[] Encode()
    {
        var lists = new TlsWriter();
        foreach (var list in Lists)
            lists.Vector(list);
        return new TlsWriter().Byte(Format).Vector(lists.Written).Vector(Profile.Encode()).ThirtyTwo(ContactToken).ThirtyTwo(Lane).ToArray();
    }

    /// <summary>Null when the bytes are none.</summary>
    public static Introduction? Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        var known = reader.Byte() == Format;
        var lists = ReadLists(reader.Vector());
        var profile = reader.Vector().ToArray();
        var (token, lane) = (reader.ThirtyTwo(), reader.ThirtyTwo());
        if (!known || !reader.AtEnd || lists is null)
            return null;
        try
        {
            return new(lists, SignedRecord.Decode(profile), token, lane);
        }
        catch (RecordException)
        {
            return null;
        }
    }

    /// <summary>The name that a member's device signed; null when it did not.</summary>
    public Profile? VerifiedProfile(ICryptoProvider crypto, MemberCredential member) => Accounts.Profile.Verify(crypto, Profile, member.Account, member.Device);

    private static List<byte[]>? ReadLists(ReadOnlySpan<byte> bytes)
    {
        var lists = new List<byte[]>();
        var reader = new TlsReader(bytes);
        while (reader.HasMore && lists.Count < MostLists)
            lists.Add(reader.Vector().ToArray());
        return reader.AtEnd && lists.Count > 0 ? lists : null;
    }
}
