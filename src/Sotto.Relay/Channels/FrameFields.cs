using Google.Protobuf;
using Sotto.Wire;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Channels;

/// <summary>Fields of frames as values, or a refusal when they have another shape.</summary>
internal static class FrameFields
{
    private const uint VoucherToken = 1;

    public static RelayException Malformed() => new(RelayProblem.Malformed);

    public static Bytes16 Sixteen(ByteString field) => field.Length == Bytes16.Length ? new(field.Span) : throw Malformed();

    public static Bytes32 ThirtyTwo(ByteString field) => field.Length == Bytes32.Length ? new(field.Span) : throw Malformed();

    public static ByteString Exactly(ByteString field, int length) => field.Length == length ? field : throw Malformed();

    public static ByteString AtMost(ByteString field, int length) => field.Length <= length ? field : throw new RelayException(RelayProblem.TooLarge);

    /// <summary>H of a capability or token, which is all that is ever stored of it.</summary>
    public static Bytes32 HashOfCapability(ByteString field) => field.Length == Limits.Capability ? Bytes32.HashOf(field.Span) : throw Malformed();

    public static Bytes32 HashOfToken(Token? token) =>
        token is { Type: VoucherToken } ? HashOfCapability(token.Value) : throw new RelayException(RelayProblem.TokenRefused);

    public static ByteString From(Bytes32 value) => UnsafeByteOperations.UnsafeWrap(value.ToArray());
}
