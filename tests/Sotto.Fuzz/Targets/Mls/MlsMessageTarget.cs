using Sotto.Mls;
using Sotto.Mls.Framing;

namespace Sotto.Fuzz.Targets.Mls;

/// <summary>Bytes that are one message or refused; what was decoded has no other encoding.</summary>
internal static class MlsMessageTarget
{
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (TryDecode(input) is { } message)
            Reencoding.Require(message, input);
    }

    public static MlsMessage? TryDecode(ReadOnlySpan<byte> input)
    {
        try
        {
            return MlsMessage.Decode(input);
        }
        catch (MlsException)
        {
            return null;
        }
    }
}
