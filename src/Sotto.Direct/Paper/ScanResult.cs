namespace Sotto.Direct.Paper;

/// <summary>What a <see cref="TokenScanner"/> makes of a stretch of bytes.</summary>
internal abstract record ScanResult;

/// <summary>A token that opens with the key.</summary>
/// <param name="Line">The plaintext, for the receiver to keep.</param>
/// <param name="MadeAt">The time in the token, in seconds since 1970.</param>
/// <param name="Mark">What tells the token from every other one of the key.</param>
internal sealed record FoundToken(byte[] Line, long MadeAt, UInt128 Mark) : ScanResult;

/// <summary>Bytes that were passed over.</summary>
/// <param name="Reason">One of the reasons that need no clock.</param>
internal sealed record SkippedBytes(PaperRefusal Reason) : ScanResult;
