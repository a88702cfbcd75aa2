using System.Text.Json.Serialization;

namespace Sotto.Wire.Http;

/// <summary>
/// The JSON of version 1: snake_case names, bytes as base64url. Unknown members are ignored, so that either side may be
/// older; depth is at most 8; a member that is missing or null where one is needed is malformed.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 8,
    Converters = [typeof(Base64UrlConverter)])]
[JsonSerializable(typeof(RelayAnswer))]
[JsonSerializable(typeof(NonceAnswer))]
[JsonSerializable(typeof(ProblemBody))]
[JsonSerializable(typeof(RegisterRequest))]
[JsonSerializable(typeof(RegisterAnswer))]
[JsonSerializable(typeof(ListRequest))]
[JsonSerializable(typeof(RecordRequest))]
[JsonSerializable(typeof(DirectoryAnswer))]
[JsonSerializable(typeof(CardAnswer))]
[JsonSerializable(typeof(KeyPackagesRequest))]
[JsonSerializable(typeof(KeyPackagesAnswer))]
[JsonSerializable(typeof(ClaimRequest))]
[JsonSerializable(typeof(ClaimAnswer))]
[JsonSerializable(typeof(ClaimedTarget))]
[JsonSerializable(typeof(ContactTokensRequest))]
[JsonSerializable(typeof(InviteRequest))]
[JsonSerializable(typeof(InvitesAnswer))]
[JsonSerializable(typeof(RevokeRequest))]
[JsonSerializable(typeof(VouchersRequest))]
[JsonSerializable(typeof(VouchersAnswer))]
[JsonSerializable(typeof(RecoveryAnswer))]
[JsonSerializable(typeof(DeletionAnswer))]
public sealed partial class RelayJson : JsonSerializerContext;
