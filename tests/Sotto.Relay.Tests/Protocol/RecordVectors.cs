using System.Text;
using System.Text.Json.Nodes;
using Sotto.Wire;
using Sotto.Wire.Records;
using static Sotto.Relay.Tests.Protocol.VectorFile;

namespace Sotto.Relay.Tests.Protocol;

/// <summary>records.json and requests.json: fields, the bytes that are signed, signatures, and what is carried.</summary>
internal static class RecordVectors
{
    public static VectorFile Records => new(
        "records.json",
        "Signed records (records.md). `body` is made of `fields`; each signature is over label<V> and body<V>; `record` is what is carried; `hash` is H of the body.",
        [
            Genesis(),
            Certificate(VectorAccount.Device, VectorAccount.Account),
            List("first device list", VectorAccount.FirstList, VectorAccount.SignedFirstList, VectorAccount.Account),
            List("second device list", VectorAccount.SecondList, VectorAccount.SignedSecondList, VectorAccount.Account),
            List("device list of a recovery", VectorAccount.RecoveryList, VectorAccount.SignedRecoveryList, VectorAccount.Recovery),
            Reachability(),
            Recovery(),
            Statement(),
            RegistrationReceipt(),
            CommitReceipt(),
        ]);

    public static VectorFile Requests => new(
        "requests.json",
        "Signed requests to the account plane (relay.md). `signature` is over `to_sign`; the four headers are what is sent.",
        [
            Request("without a body", "GET", "/v1/account/invites?x=1", []),
            Request("with a body", "POST", "/v1/account/lists", """{"list":"AAEC"}"""u8.ToArray()),
        ]);

    private static JsonObject Genesis() => new()
    {
        ["name"] = "genesis",
        ["fields"] = new JsonObject
        {
            ["account_key"] = Hex32(VectorAccount.GenesisRecord.AccountKey),
            ["recovery_signature_key_hash"] = Hex32(VectorAccount.GenesisRecord.RecoverySignatureKeyHash),
            ["recovery_sealing_key_hash"] = Hex32(VectorAccount.GenesisRecord.RecoverySealingKeyHash),
        },
        ["body"] = Hex(VectorAccount.Genesis),
        ["signatures"] = new JsonArray(),
        ["record"] = Hex(VectorAccount.Genesis),
        ["hash"] = Hex32(VectorAccount.Id),
    };

    private static JsonObject Certificate(VectorKey device, VectorKey account)
    {
        var certificate = VectorAccount.Certificate(device, account);
        var body = certificate.Body.ToArray();
        var fields = new JsonObject
        {
            ["account_id"] = Hex32(certificate.Account),
            ["device_key"] = Hex32(certificate.DeviceKey),
            ["suites"] = new JsonArray([.. certificate.Suites.Select(suite => JsonValue.Create((int)suite))]),
            ["rights"] = (int)certificate.Rights,
        };
        return Case("device certificate", fields, body, VectorAccount.CertificateBytes(device, account),
            Signature(SignContent.DeviceCertificate, body, account), Signature(SignContent.DeviceCountersignature, body, device));
    }

    private static JsonObject List(string name, DeviceList list, SignedRecord signed, VectorKey key)
    {
        var fields = new JsonObject
        {
            ["account_id"] = Hex32(list.Account),
            ["number"] = list.Number,
            ["predecessor"] = Hex32(list.Predecessor),
            ["account_key"] = Hex32(list.AccountKey),
            ["certificates"] = new JsonArray([.. list.Certificates.Select(certificate => JsonValue.Create(Hex(
                DeviceCertificate.Encode(certificate.Body.Span, certificate.AccountSignature.Span, certificate.DeviceSignature.Span))))]),
            ["recovery"] = list.Recovery is { } mark ? new JsonObject { ["recovery_key"] = Hex32(mark.RecoveryKey), ["unix_seconds"] = mark.UnixSeconds } : null,
        };
        return Case(name, fields, signed.Body.ToArray(), signed.Encode(), Signature(SignContent.DeviceList, signed.Body.ToArray(), key));
    }

    private static JsonObject Reachability()
    {
        var record = VectorAccount.Reachability;
        var fields = new JsonObject
        {
            ["account_id"] = Hex32(record.Account),
            ["device_key"] = Hex32(record.DeviceKey),
            ["number"] = record.Number,
            ["relay_url"] = Encoding.UTF8.GetString(record.RelayUrl.Span),
            ["relay_fingerprint"] = Hex(record.RelayFingerprint.ToArray()),
            ["intro_channel"] = Hex(record.IntroChannel.ToArray()),
            ["intro_key"] = Hex(record.IntroKey.Span),
            ["expires"] = record.Expires,
        };
        return Signed("reachability", fields, record.EncodeBody(), SignContent.Reachability, VectorAccount.Device);
    }

    private static JsonObject Recovery()
    {
        var record = VectorAccount.RecoveryRecord;
        var fields = new JsonObject
        {
            ["account_id"] = Hex32(record.Account),
            ["number"] = record.Number,
            ["day"] = record.Day,
            ["sealed"] = Hex(record.Sealed.Span),
        };
        return Signed("recovery record", fields, record.EncodeBody(), SignContent.RecoveryRecord, VectorAccount.Account);
    }

    private static JsonObject Statement()
    {
        var statement = VectorAccount.Statement;
        var fields = new JsonObject
        {
            ["identity_key"] = Hex32(statement.IdentityKey),
            ["fingerprint"] = Hex(VectorAccount.RelayFingerprint.ToArray()),
            ["number"] = statement.Number,
            ["expires"] = statement.Expires,
            ["addresses"] = new JsonArray([.. statement.Addresses.Select(address => new JsonObject
            {
                ["url"] = address.Url,
                ["proof"] = (int)address.Proof,
                ["spki_hashes"] = new JsonArray([.. address.SpkiHashes.Select(hash => JsonValue.Create(Hex32(hash)))]),
            })]),
        };
        return Signed("relay statement", fields, statement.EncodeBody(), SignContent.RelayStatement, VectorAccount.Relay);
    }

    private static JsonObject RegistrationReceipt()
    {
        var toSign = new RegistrationReceiptContent(VectorAccount.Id).ToSign();
        return Receipt("registration receipt", new() { ["account_id"] = Hex32(VectorAccount.Id) }, toSign);
    }

    private static JsonObject CommitReceipt()
    {
        var channel = new Bytes16(VectorKey.Value("channel").AsSpan(0, 16));
        var (payload, next) = (new Bytes32(VectorKey.Value("payload")), new Bytes32(VectorKey.Value("next write capability")));
        var fields = new JsonObject
        {
            ["channel"] = Hex(channel.ToArray()),
            ["incarnation"] = "0102030405060708",
            ["number"] = 41,
            ["payload_hash"] = Hex32(payload),
            ["next_write_capability_hash"] = Hex32(next),
        };
        return Receipt("commit receipt", fields, new CommitReceiptContent(channel, 0x0102_0304_0506_0708, 41, payload, next).ToSign());
    }

    private static JsonObject Receipt(string name, JsonObject fields, byte[] toSign) => new()
    {
        ["name"] = name,
        ["fields"] = fields,
        ["signatures"] = new JsonArray(Signature(toSign, VectorAccount.Relay)),
    };

    private static JsonObject Request(string name, string method, string target, byte[] body)
    {
        var nonce = VectorKey.Value("nonce");
        var request = new SignedRequest(VectorAccount.Relay.Public, VectorAccount.Id, VectorAccount.Device.Public, method, target, Bytes32.HashOf(body), new(nonce));
        var signature = VectorAccount.Device.SignBytes(request.ToSign());
        return new()
        {
            ["name"] = name,
            ["fields"] = new JsonObject
            {
                ["relay_identity_key"] = Hex32(VectorAccount.Relay.Public),
                ["account_id"] = Hex32(VectorAccount.Id),
                ["seed"] = Hex(VectorAccount.Device.Seed),
                ["key"] = Hex32(VectorAccount.Device.Public),
                ["method"] = method,
                ["target"] = target,
                ["body"] = Hex(body),
                ["nonce"] = Hex(nonce),
            },
            ["to_sign"] = Hex(request.ToSign()),
            ["signature"] = Hex(signature),
            ["headers"] = new JsonObject
            {
                ["Sotto-Account"] = BodyVectors.Base64(VectorAccount.Id.ToArray()),
                ["Sotto-Key"] = BodyVectors.Base64(VectorAccount.Device.Public.ToArray()),
                ["Sotto-Nonce"] = BodyVectors.Base64(nonce),
                ["Sotto-Signature"] = BodyVectors.Base64(signature),
            },
        };
    }

    private static JsonObject Signed(string name, JsonObject fields, byte[] body, ReadOnlySpan<byte> label, VectorKey key) =>
        Case(name, fields, body, new SignedRecord(body, key.Sign(label, body)).Encode(), Signature(label, body, key));

    private static JsonObject Case(string name, JsonObject fields, byte[] body, byte[] record, params JsonObject[] signatures) => new()
    {
        ["name"] = name,
        ["fields"] = fields,
        ["body"] = Hex(body),
        ["signatures"] = new JsonArray([.. signatures]),
        ["record"] = Hex(record),
        ["hash"] = Hex32(Bytes32.HashOf(body)),
    };

    private static JsonObject Signature(ReadOnlySpan<byte> label, byte[] body, VectorKey key)
    {
        var signature = Signature(SignContent.Encode(label, body), key);
        signature.Insert(0, "label", Encoding.ASCII.GetString(label));
        return signature;
    }

    private static JsonObject Signature(byte[] toSign, VectorKey key) => new()
    {
        ["seed"] = Hex(key.Seed),
        ["key"] = Hex32(key.Public),
        ["to_sign"] = Hex(toSign),
        ["signature"] = Hex(key.SignBytes(toSign)),
    };

    private static string Hex32(Bytes32 value) => Hex(value.ToArray());
}
