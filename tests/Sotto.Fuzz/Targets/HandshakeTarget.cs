using Sotto.Direct;
using Sotto.Direct.Handshake;
using Sotto.Direct.Wire;

namespace Sotto.Fuzz.Targets;

/// <summary>
/// One wrong message at one step of a handshake whose earlier steps were right. The first byte chooses the step, whether
/// there is an invite, whether the rest is sealed under the right keys, and whether it is a message or changes to the true
/// one: <c>uint16 place | uint8 mask</c> each, where mask 0 cuts there.
/// </summary>
internal static class HandshakeTarget
{
    public const byte WithInvite = 0x08;
    public const byte UnderRightKeys = 0x10;
    public const byte ChangesTrueOne = 0x20;

    private static readonly HandshakeScene Stranger = new(withInvite: false);
    private static readonly HandshakeScene Invited = new(withInvite: true);

    public static void Run(ReadOnlySpan<byte> input)
    {
        var reader = new InputReader(input);
        var choice = reader.Byte();
        var scene = (choice & WithInvite) == 0 ? Stranger : Invited;
        var step = (HandshakeStep)((choice & 7) % 5);
        var isSealed = (choice & UnderRightKeys) != 0 && step >= HandshakeStep.JoinReply;
        var truth = isSealed ? scene.TruePlaintext(step) : scene.TrueMessage(step);
        var said = (choice & ChangesTrueOne) == 0 ? reader.Rest : Changed(truth, ref reader);

        TryDecoders(step, said);
        var taken = Try(scene, step, isSealed ? scene.Seal(step, said) : said, said);
        var isTrue = said.SequenceEqual(truth);
        FindingException.ThrowUnless(taken || !isTrue, $"the true {step} was refused");
        FindingException.ThrowUnless(!taken || isTrue || MayDiffer(step, isSealed), $"another {step} than the true one was taken");
    }

    internal static byte[] TrueMessage(HandshakeStep step, bool withInvite) => (withInvite ? Invited : Stranger).TrueMessage(step);

    internal static byte[] TruePlaintext(HandshakeStep step, bool withInvite) => (withInvite ? Invited : Stranger).TruePlaintext(step);

    /// <summary>A greeting, an offer, and what a joiner says of itself are the peer's to choose.</summary>
    private static bool MayDiffer(HandshakeStep step, bool isSealed) =>
        step is HandshakeStep.JoinHello or HandshakeStep.HostOffer || (step == HandshakeStep.JoinReply && isSealed);

    private static byte[] Changed(ReadOnlySpan<byte> truth, ref InputReader reader)
    {
        var changed = truth.ToArray();
        while (!reader.Rest.IsEmpty && changed.Length > 0)
        {
            var place = reader.UInt16() % changed.Length;
            var mask = reader.Byte();
            if (mask == 0)
                changed = changed[..place];
            else
                changed[place] ^= mask;
        }

        return changed;
    }

    private static bool Try(HandshakeScene scene, HandshakeStep step, ReadOnlySpan<byte> message, ReadOnlySpan<byte> said)
    {
        try
        {
            scene.Take(step, message, said);
            return true;
        }
        catch (DirectException)
        {
            return false;
        }
    }

    /// <summary>What can be decoded is encoded to the same bytes.</summary>
    private static void TryDecoders(HandshakeStep step, ReadOnlySpan<byte> bytes)
    {
        try
        {
            FindingException.ThrowUnless(Again(step, bytes).AsSpan().SequenceEqual(bytes), $"{step} has two encodings");
        }
        catch (DirectException)
        {
            // Not one of these.
        }
    }

    private static byte[] Again(HandshakeStep step, ReadOnlySpan<byte> bytes)
    {
        switch (step)
        {
            case HandshakeStep.JoinHello:
                return JoinHello.Decode(bytes).Encode();
            case HandshakeStep.HostOffer:
                return HostOffer.Decode(bytes).Encode();
            case HandshakeStep.JoinReply:
                return JoinReply.Decode(bytes).Encode();
            default:
                var reader = new WireReader(bytes);
                var introduction = Introduction.Decode(ref reader).Encode();
                return [.. introduction, .. reader.Rest()];
        }
    }
}
