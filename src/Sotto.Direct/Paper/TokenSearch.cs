using System.Buffers;
using System.Security.Cryptography;
using Sotto.Crypto;
using Sotto.Direct.Tokens;

namespace Sotto.Direct.Paper;

/// <summary>
/// Asks the key where in a text tokens begin and end. Trying every pair of beginning and end is quadratic, so it is paid
/// from a credit that grows with the bytes received; without credit nothing is found.
/// </summary>
internal sealed class TokenSearch(ICryptoProvider crypto, FernetKey key)
{
    private const byte Pad = (byte)'=';
    private const int CreditPerByte = 64;
    private const long MostCredit = CreditPerByte * TokenScanner.LongestToken;
    private const int CostOfOneTry = 1024;

    private long _credit = MostCredit;

    /// <summary>
    /// Beginning of every token made before the year 4147: version 0x80 and 28 zero bits, the first of the 64 of its time.
    /// It cannot overlap itself.
    /// </summary>
    public static ReadOnlySpan<byte> Beginning => "gAAAAA"u8;

    /// <summary>Where the next beginning is at or after a place, or -1.</summary>
    public static int NextBeginning(ReadOnlySpan<byte> text, int from)
    {
        var found = from < text.Length ? text[from..].IndexOf(Beginning) : -1;
        return found < 0 ? -1 : from + found;
    }

    /// <summary>Adds the credit that received bytes give.</summary>
    public void Earn(int bytes) => _credit = Math.Min(_credit + (long)bytes * CreditPerByte, MostCredit);

    /// <summary>Opens a text that is one token from its first character to its last.</summary>
    public bool TryOpen(ReadOnlySpan<byte> text, out FoundToken token)
    {
        token = null!;
        if (!CanBeToken(text))
            return false;
        var plaintext = ArrayPool<byte>.Shared.Rent(FernetToken.MaxPlaintextLength(text.Length));
        try
        {
            if (!FernetToken.TryDecrypt(crypto, key.Bytes, text, plaintext, out var written, out var madeAt))
                return false;
            token = new FoundToken(plaintext[..written], madeAt, FernetToken.Mark(text));
            return true;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
            ArrayPool<byte>.Shared.Return(plaintext);
        }
    }

    /// <summary>The same when there is credit for it; without, the credit is used up, so that nobody asks again and again.</summary>
    public bool TryOpenOnCredit(ReadOnlySpan<byte> text, out FoundToken token)
    {
        token = null!;
        return CanBeToken(text) && Pay(text.Length) && TryOpen(text, out token);
    }

    /// <summary>Finds the first token at or after a place, whatever stands around it, as far as the credit goes.</summary>
    public bool TryFindFirst(ReadOnlySpan<byte> text, int from, out int at, out FoundToken token)
    {
        for (at = NextBeginning(text, from); at >= 0 && _credit > 0; at = NextBeginning(text, at + Beginning.Length))
        {
            if (TryEveryEnd(text[at..], out token))
                return true;
        }

        token = null!;
        return false;
    }

    /// <summary>Tries the furthest end first, then every length that a token without <c>=</c> can have.</summary>
    private bool TryEveryEnd(ReadOnlySpan<byte> text, out FoundToken token)
    {
        const int shortestWithoutPad = 140, step = 64;
        for (var cut = 0; cut <= 2; cut++)
        {
            if (TryOpenOnCredit(text[..^cut], out token))
                return true;
        }

        for (var length = shortestWithoutPad; length < text.Length && _credit > 0; length += step)
        {
            if (TryOpenOnCredit(text[..length], out token))
                return true;
        }

        token = null!;
        return false;
    }

    /// <summary>Whether the length is a token's and the padding is what that length has.</summary>
    private static bool CanBeToken(ReadOnlySpan<byte> text)
    {
        if (FernetToken.MaxPlaintextLength(text.Length) == 0)
            return false;
        var padding = FernetToken.PaddingLength(text.Length);
        return text[^(padding + 1)] != Pad && !text[^padding..].ContainsAnyExcept(Pad);
    }

    private bool Pay(int length)
    {
        var cost = length + CostOfOneTry;
        var affordable = _credit >= cost;
        _credit = affordable ? _credit - cost : 0;
        return affordable;
    }
}
