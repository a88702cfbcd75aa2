namespace Sotto.Fuzz.Targets;

/// <summary>
/// What a peer can put on the connection. The first byte says whether the rest is a stream of frames in pieces, or messages
/// that are sealed properly, so that what stands inside a token is reached.
/// </summary>
internal static class FrameTarget
{
    internal enum Kind : byte
    {
        Stream,
        HostReceives,
        JoinerReceives,
    }

    public static void Run(ReadOnlySpan<byte> input)
    {
        var reader = new InputReader(input);
        switch ((Kind)(reader.Byte() % 3))
        {
            case Kind.Stream:
                FrameStream.Run(ref reader);
                break;
            case Kind.HostReceives:
                SealedMessages.Run(ref reader, Direct.Handshake.DirectRole.Host);
                break;
            default:
                SealedMessages.Run(ref reader, Direct.Handshake.DirectRole.Joiner);
                break;
        }
    }
}
