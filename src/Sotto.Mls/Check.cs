namespace Sotto.Mls;

/// <summary>The one place where a broken rule becomes an exception.</summary>
internal static class Check
{
    public static void That([DoesNotReturnIf(false)] bool holds, MlsRule rule)
    {
        if (holds)
            return;
#if DEFENCES
        if (DefenceSwitches.IsOff(rule))
            return;
#endif
        throw new MlsException(rule);
    }

    /// <summary>Turns what a primitive refuses of a peer's keys and ciphertexts into a broken rule.</summary>
    public static T Usable<T>(Func<T> use, MlsRule rule)
    {
        try
        {
            return use();
        }
        catch (CryptoException)
        {
            throw new MlsException(rule);
        }
    }
}
