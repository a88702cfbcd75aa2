namespace Sotto.Fuzz.Targets;

internal static class HandshakeSeeds
{
    public static IEnumerable<(string Name, byte[] Input)> All() =>
        from withInvite in new[] { false, true }
        from step in Enum.GetValues<HandshakeStep>()
        from isSealed in step >= HandshakeStep.JoinReply ? new[] { false, true } : [false]
        from seed in Of(step, withInvite, isSealed)
        let name = $"{step}{(withInvite ? "-invite" : "")}{(isSealed ? "-sealed" : "")}-{seed.Name}"
        select (name.ToLowerInvariant(), seed.Input);

    private static IEnumerable<(string Name, byte[] Input)> Of(HandshakeStep step, bool withInvite, bool isSealed)
    {
        var choice = (byte)((int)step | (withInvite ? HandshakeTarget.WithInvite : 0) | (isSealed ? HandshakeTarget.UnderRightKeys : 0));
        var changes = (byte)(choice | HandshakeTarget.ChangesTrueOne);
        var truth = isSealed ? HandshakeTarget.TruePlaintext(step, withInvite) : HandshakeTarget.TrueMessage(step, withInvite);
        yield return ("true", [changes]);
        yield return ("one-bit", [changes, 0, 0, 1]);
        yield return ("last-bit", [changes, (byte)((truth.Length - 1) >> 8), (byte)(truth.Length - 1), 0x80]);
        yield return ("middle", [changes, 0, 40, 0xFF, 0, 66, 2]);
        yield return ("cut", [changes, (byte)((truth.Length - 1) >> 8), (byte)(truth.Length - 1), 0]);
        yield return ("empty", [choice]);
        yield return ("more", [choice, .. truth, 0]);
        if (!withInvite)
            yield return ("whole", [choice, .. truth]);
    }
}
