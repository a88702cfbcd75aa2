namespace Sotto.Direct.Tokens;

/// <summary>What a clock says about the time in a token.</summary>
public enum TokenAgeVerdict
{
    /// <summary>Within the limits.</summary>
    Fresh,

    /// <summary>Made longer ago than the time to live.</summary>
    TooOld,

    /// <summary>Made in the future, by more than clocks may differ.</summary>
    FromTheFuture,
}

/// <summary>
/// How old a token may be (the Fernet specification, "Verifying", step 3). Apart from opening a token, because only paper
/// mode trusts clocks.
/// </summary>
/// <param name="TimeToLive">How long ago a token may have been made.</param>
/// <param name="ClockSkew">How far in the future a token may have been made.</param>
public readonly record struct TokenAge(TimeSpan TimeToLive, TimeSpan ClockSkew)
{
    /// <summary>Paper mode's rule, which is also what Python's library does with a time to live of 60 s: 60 s and 60 s.</summary>
    public static TokenAge Paper { get; } = new(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60));

    /// <summary>Judges a time. Exactly at a limit is still fresh.</summary>
    /// <param name="madeAt">The time in the token, in seconds since 1970, not negative.</param>
    /// <param name="now">The present, in the same unit.</param>
    public TokenAgeVerdict Judge(long madeAt, long now)
    {
        if (madeAt < now - (long)TimeToLive.TotalSeconds)
            return TokenAgeVerdict.TooOld;
        return madeAt > now + (long)ClockSkew.TotalSeconds ? TokenAgeVerdict.FromTheFuture : TokenAgeVerdict.Fresh;
    }
}
