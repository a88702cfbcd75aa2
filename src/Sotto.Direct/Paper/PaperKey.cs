using Sotto.Crypto;
using Sotto.Direct.Tokens;

namespace Sotto.Direct.Paper;

/// <summary>
/// The one key of paper mode together with what was sent and received under it. Shared by all conversations that use the
/// key, so that a token recorded in one is refused in the next. Serves several threads.
/// </summary>
/// <param name="crypto">Gives the primitives.</param>
/// <param name="key">The key; the caller disposes it, after every conversation that uses it.</param>
/// <param name="time">Gives the time in tokens, their age, and the pauses.</param>
public sealed class PaperKey(ICryptoProvider crypto, FernetKey key, TimeProvider time)
{
    private readonly SeenTokens _seen = new(PaperLimits.Age, PaperLimits.RememberedTokens);
    private readonly Lock _lock = new();

    internal TimeProvider Time => time;

    private long Now => time.GetUtcNow().ToUnixTimeSeconds();

    internal TokenScanner NewScanner() => new(crypto, key);

    /// <summary>Makes the token of a line, with the present time in it.</summary>
    internal byte[] Seal(ReadOnlySpan<byte> line)
    {
        var now = Now;
        var token = new byte[FernetToken.EncodedLength(line.Length)];
        FernetToken.Encrypt(crypto, key.Bytes, now, line, token);
        lock (_lock)
            _seen.Send(FernetToken.Mark(token), now);
        return token;
    }

    /// <summary>Judges what the scanner found: a line that is fresh and new is shown, all else is refused.</summary>
    internal PaperEvent Judge(ScanResult result) => result switch
    {
        FoundToken token when Refuse(token) is { } reason => new PaperRefused(reason),
        FoundToken token => new PaperLine(token.Line, token.MadeAt),
        SkippedBytes skipped => new PaperRefused(skipped.Reason),
        _ => throw new InvalidOperationException("A scan result without an event."),
    };

    private PaperRefusal? Refuse(FoundToken token)
    {
        var now = Now;
        lock (_lock)
        {
            return PaperLimits.Age.Judge(token.MadeAt, now) switch
            {
                TokenAgeVerdict.TooOld => PaperRefusal.TooOld,
                TokenAgeVerdict.FromTheFuture => PaperRefusal.FromTheFuture,
                _ => _seen.Receive(token.Mark, token.MadeAt, now),
            };
        }
    }
}
