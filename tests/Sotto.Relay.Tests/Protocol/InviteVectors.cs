using System.Text;
using System.Text.Json.Nodes;
using Sotto.Crypto;
using Sotto.Relay.Tests.Running;
using Sotto.Wire;
using Sotto.Wire.Links;
using Sotto.Wire.Records;
using static Sotto.Relay.Tests.Protocol.VectorFile;

namespace Sotto.Relay.Tests.Protocol;

/// <summary>invites.json: links, and what is derived from an invite, from two accounts and from a group's mailbox key.</summary>
internal static class InviteVectors
{
    private const uint ExpiresHour = 498_700;

    private static readonly string[] Values = ["id", "registration", "contact", "lane", "card", "psk"];

    public static VectorFile File => new(
        "invites.json",
        "Links and derived values (invites.md). `k` is HKDF-Extract; each of `values` is HKDF-Expand of it.",
        [OperatorLink(), Invite(), ConversationId(), MailboxId()]);

    private static JsonObject OperatorLink()
    {
        var link = new RegistrationLink("127.0.0.1:7788", VectorAccount.RelayFingerprint, new(VectorKey.Value("registration token")), ExpiresHour);
        return new()
        {
            ["name"] = "operator's link",
            ["relay_fingerprint"] = Hex(link.Fingerprint.ToArray()),
            ["registration_token"] = Hex(link.Token.ToArray()),
            ["expires_hour"] = ExpiresHour,
            ["link"] = link.ToLink(),
        };
    }

    private static JsonObject Invite()
    {
        var secret = VectorKey.Value("invite secret")[..16];
        var salt = new TlsWriter().ThirtyTwo(VectorAccount.Id).Sixteen(VectorAccount.RelayFingerprint).ToArray();
        var k = new byte[32];
        TestRelay.Crypto.HkdfExtract(HashAlgorithm.Sha256, salt, secret, k);
        var values = new JsonObject();
        foreach (var value in Values)
            values[value] = Hex(Expand(k, "sotto 1 invite " + value));
        var fragment = new TlsWriter().Byte(1).ThirtyTwo(VectorAccount.Id).Sixteen(VectorAccount.RelayFingerprint).Bytes(secret).Number32(ExpiresHour).ToArray();
        return new()
        {
            ["name"] = "invite",
            ["account_id"] = Hex(VectorAccount.Id.ToArray()),
            ["relay_fingerprint"] = Hex(VectorAccount.RelayFingerprint.ToArray()),
            ["secret"] = Hex(secret),
            ["expires_hour"] = ExpiresHour,
            ["link"] = "sotto:i/127.0.0.1:7788#" + BodyVectors.Base64(fragment),
            ["k"] = Hex(k),
            ["values"] = values,
        };
    }

    private static JsonObject ConversationId()
    {
        var (lower, higher) = (VectorKey.Value("one account"), VectorKey.Value("other account"));
        if (new Bytes32(higher) < new Bytes32(lower))
            (lower, higher) = (higher, lower);
        return new()
        {
            ["name"] = "conversation id",
            ["account_ids"] = new JsonArray(Hex(higher), Hex(lower)),
            ["conversation_id"] = Hex(Bytes.Hash([.. "Sotto 1 pair"u8, .. lower, .. higher]).AsSpan(0, 16)),
        };
    }

    private static JsonObject MailboxId()
    {
        var (key, encryptionKey) = (VectorKey.Value("mailbox key"), VectorKey.Value("encryption key"));
        var mac = new byte[32];
        TestRelay.Crypto.Hmac(HashAlgorithm.Sha256, key, encryptionKey, mac);
        return new()
        {
            ["name"] = "mailbox id",
            ["mailbox_key"] = Hex(key),
            ["encryption_key"] = Hex(encryptionKey),
            ["mailbox_id"] = Hex(mac.AsSpan(0, 16)),
        };
    }

    private static byte[] Expand(byte[] k, string label)
    {
        var value = new byte[32];
        TestRelay.Crypto.HkdfExpand(HashAlgorithm.Sha256, k, Encoding.ASCII.GetBytes(label), value);
        return value;
    }
}
