using System.Text;
using Sotto.Client.Accounts;
using Sotto.Crypto;
using Sotto.Wire;
using Sotto.Wire.Records;

namespace Sotto.Client.Invites;

/// <summary>
/// Who invites, as the inviter says it: <c>uint8 type = 8; uint8 format = 1; opaque account_id[32], invite_id[32],
/// relay_fingerprint[16]; uint32 expires_hour; uint16 uses; opaque device_key[32]; uint64 list_number; opaque list_hash[32];
/// opaque name&lt;V&gt;, picture&lt;V&gt;; extensions&lt;V&gt;</c>, signed by the device, then sealed by XChaCha20-Poly1305 under the
/// invite's card key with the invite id as associated data.
/// </summary>
internal sealed record InviteCard(AccountId Account, Bytes32 Invite, Bytes16 Relay, uint ExpiresHour, ushort Uses, Bytes32 Device, ListReference List, string Name)
{
    private const byte Type = 8;
    private const byte Format = 1;

    /// <summary>Signs and seals it for the relay.</summary>
    public byte[] Seal(ICryptoProvider crypto, SigningKey device, Bytes32 cardKey)
    {
        var body = new TlsWriter().Byte(Type).Byte(Format).ThirtyTwo(Account.Value).ThirtyTwo(Invite).Sixteen(Relay)
            .Number32(ExpiresHour).Number16(Uses).ThirtyTwo(Device).Number64(List.Number).ThirtyTwo(List.Hash)
            .Vector(Encoding.UTF8.GetBytes(Name)).Vector([]).Vector([]).ToArray();
        var signed = RecordSigning.Sign(device, RecordSigning.Card, body).Encode();
        return SealedBytes.Seal(crypto, cardKey.ToArray(), Invite.ToArray(), signed);
    }

    /// <summary>Opens what a relay served for a link and checks it against the link; its signature is <see cref="RequireSigned"/>'s.</summary>
    /// <exception cref="ClientException">It is not this invite's card.</exception>
    public static (InviteCard Card, SignedRecord Signed) Open(ICryptoProvider crypto, InviteLink link, InviteKeys keys, byte[] sealedCard)
    {
        if (SealedBytes.Open(crypto, keys.Card.ToArray(), keys.Id.ToArray(), sealedCard) is not { } opened)
            throw Refused();
        try
        {
            var signed = SignedRecord.Decode(opened);
            var card = Read(signed.Body.Span);
            return card.Account == link.Account && card.Invite == keys.Id && card.Relay == link.Relay && card.ExpiresHour == link.ExpiresHour
                ? (card, signed)
                : throw Refused();
        }
        catch (RecordException)
        {
            throw Refused();
        }
    }

    /// <summary>The list served must be the card's or descend from it, and the issuing device must have been in the card's.</summary>
    /// <exception cref="ClientException">It is not so, or the device did not sign.</exception>
    public void RequireSigned(ICryptoProvider crypto, SignedRecord signed, VerifiedAccount account)
    {
        var named = account.Lists.FirstOrDefault(link => link.Reference == List);
        var isListed = named?.List.Certificates.Any(certificate => certificate.DeviceKey == Device) == true;
        if (!isListed || !RecordSigning.Verifies(crypto, Device, RecordSigning.Card, signed))
            throw Refused();
    }

    private static InviteCard Read(ReadOnlySpan<byte> body)
    {
        var reader = new TlsReader(body);
        var known = reader.Byte() == Type & reader.Byte() == Format;
        var (account, invite, relay) = (reader.ThirtyTwo(), reader.ThirtyTwo(), reader.Sixteen());
        var (expires, uses, device) = (reader.Number32(), reader.Number16(), reader.ThirtyTwo());
        var list = new ListReference(reader.Number64(), reader.ThirtyTwo());
        var name = reader.Vector();
        var picture = reader.Vector();
        reader.Vector();
        if (!known || !reader.AtEnd || name.Length is 0 or > Profile.MaxName || picture.Length > Profile.MaxPicture || !System.Text.Unicode.Utf8.IsValid(name))
            throw new RecordException("invite card");
        return new(new(account), invite, relay, expires, uses, device, list, Encoding.UTF8.GetString(name));
    }

    private static ClientException Refused() => new(ClientFailure.IdentityRefused, "The relay's card for this invite was not made by the person who invites.");
}
