using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;
using Sotto.Wire.Records;

namespace Sotto.Relay.Tests.Protocol;

/// <summary>bodies.json: what requests and answers of the account plane look like.</summary>
internal static class BodyVectors
{
    private const uint Day = 20_775;

    public static VectorFile File => new(
        "bodies.json",
        "Bodies of the account plane (relay.md), as they are sent. Members that are null are left out.",
        [
            Body("GET", Routes.Relay, "answer", new(Signed(VectorAccount.Statement.EncodeBody(), SignContent.RelayStatement, VectorAccount.Relay), Incarnation), RelayJson.Default.RelayAnswer),
            Body("GET", Routes.Nonce, "answer", new(Value("nonce")), RelayJson.Default.NonceAnswer),
            Body("POST", Routes.Accounts, "request", new(VectorAccount.Genesis, [VectorAccount.SignedFirstList.Encode()], Value("registration token")), RelayJson.Default.RegisterRequest),
            Body("POST", Routes.Accounts, "answer", new(Receipt, Incarnation), RelayJson.Default.RegisterAnswer),
            Body("POST", Routes.Lists, "request", new(VectorAccount.SignedSecondList.Encode()), RelayJson.Default.ListRequest),
            Body("PUT", Routes.Reachability, "request", new(Reachability), RelayJson.Default.RecordRequest),
            Body("PUT", Routes.RecoveryRecord, "request", new(RecoveryRecord), RelayJson.Default.RecordRequest),
            Body("POST", Routes.ContactTokens, "request", new([Hash("contact token")], [Hash("old contact token")], true), RelayJson.Default.ContactTokensRequest),
            Body("POST", Routes.Invites, "request", new(Hash("contact token"), Value("card"), 1, Day * 24, Hash("registration token")), RelayJson.Default.InviteRequest),
            Body("GET", Routes.Invites, "answer", new([new(Hash("contact token"), "open", 5, Day * 24)]), RelayJson.Default.InvitesAnswer),
            Body("POST", Routes.RevokeInvite, "request", new(Hash("contact token"), Hash("registration token"), true), RelayJson.Default.RevokeRequest),
            Body("PUT", Routes.KeyPackages, "request", new([new(Value("key package"), Day + 30)], new(Value("last resort"), Day + 30), true), RelayJson.Default.KeyPackagesRequest),
            Body("GET", Routes.KeyPackages, "answer", new(1, true, false, true), RelayJson.Default.KeyPackagesAnswer),
            Body("POST", Routes.Vouchers, "request", new(Sixteen("request id"), [Hash("voucher"), Hash("other voucher")]), RelayJson.Default.VouchersRequest),
            Body("POST", Routes.Vouchers, "answer", new(8), RelayJson.Default.VouchersAnswer),
            Body("DELETE", Routes.Account, "answer", new(Day + 7), RelayJson.Default.DeletionAnswer),
            Body("GET", Routes.Directory, "answer", new(VectorAccount.Genesis, [VectorAccount.SignedFirstList.Encode()], [Reachability], []), RelayJson.Default.DirectoryAnswer),
            Body("GET", Routes.Card, "answer", new(Value("card")), RelayJson.Default.CardAnswer),
            Body("POST", Routes.ClaimKeyPackages, "request", new([new(VectorAccount.Id.ToArray(), Value("contact token"), Sixteen("claim id"))]), RelayJson.Default.ClaimRequest),
            Body("POST", Routes.ClaimKeyPackages, "answer", Claimed, RelayJson.Default.ClaimAnswer),
            Body("GET", Routes.Recovery, "answer", new(VectorAccount.Genesis, [VectorAccount.SignedFirstList.Encode()], [RecoveryRecord]), RelayJson.Default.RecoveryAnswer),
            Body("POST", Routes.Recovery, "request", new(VectorAccount.SignedRecoveryList.Encode()), RelayJson.Default.ListRequest),
            Body("POST", Routes.Lists, "refusal", Problem(RelayProblem.ListSuperseded), RelayJson.Default.ProblemBody),
        ]);

    private static byte[] Incarnation => [1, 2, 3, 4, 5, 6, 7, 8];

    private static byte[] Receipt => VectorAccount.Relay.SignBytes(new RegistrationReceiptContent(VectorAccount.Id).ToSign());

    private static byte[] Reachability => Signed(VectorAccount.Reachability.EncodeBody(), SignContent.Reachability, VectorAccount.Device);

    private static byte[] RecoveryRecord => Signed(VectorAccount.RecoveryRecord.EncodeBody(), SignContent.RecoveryRecord, VectorAccount.Account);

    private static ClaimAnswer Claimed => new(
    [
        new([new(VectorAccount.Device.Public.ToArray(), Value("key package")), new(VectorAccount.SecondDevice.Public.ToArray())]),
        new(null, ProblemTypes.Of(RelayProblem.Refused).Type),
    ]);

    public static string Base64(byte[] bytes) => Base64Url.EncodeToString(bytes);

    private static JsonObject Body<T>(string method, string route, string kind, T body, JsonTypeInfo<T> type) => new()
    {
        ["name"] = $"{method} {route}, {kind}",
        ["json"] = JsonSerializer.SerializeToNode(body, type),
    };

    private static ProblemBody Problem(RelayProblem problem)
    {
        var type = ProblemTypes.Of(problem);
        return new(type.Type, type.Title, type.Status);
    }

    private static byte[] Signed(byte[] body, ReadOnlySpan<byte> label, VectorKey key) => new SignedRecord(body, key.Sign(label, body)).Encode();

    private static byte[] Value(string name) => VectorKey.Value(name);

    private static byte[] Hash(string name) => Bytes.Hash(Value(name));

    private static byte[] Sixteen(string name) => Value(name)[..16];
}
