using System.Buffers;
using Sotto.Crypto;
using Sotto.Direct.Tokens;

namespace Sotto.Direct.Paper;

/// <summary>
/// Finds Fernet tokens in bytes that arrive in any pieces. Tokens do not say where they end, and the paper's program puts
/// nothing between them, so the key decides: an end is where the MAC is right. No clock, no I/O, no exception for any bytes.
/// </summary>
/// <remarks>
/// <para>
/// Bytes are collected in a <em>run</em>: text of the base64url alphabet from the first possible beginning of a token on.
/// A token with <c>=</c> ends there. One without ends where the next begins, or where the run ends, or where the bytes
/// that were there end for now. Each of these likely ends is tried once, with the last beginning before it.
/// </para>
/// <para>
/// When that does not open, other pairs of beginning and end are tried too: text may follow a token directly, and
/// something that looks like a beginning may precede one. An attacker could make that quadratic, so it is paid from a
/// credit that grows with the bytes received; without credit only the likely ends are tried.
/// </para>
/// </remarks>
internal sealed class TokenScanner(ICryptoProvider crypto, FernetKey key)
{
    /// <summary>The longest token that is understood, in characters.</summary>
    public const int LongestToken = 64 * 1024;

    private const byte Pad = (byte)'=';
    private const int Slice = 4096;

    private static readonly SearchValues<byte> TextBytes =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);

    private readonly TokenSearch _search = new(crypto, key);
    private readonly byte[] _run = new byte[LongestToken];
    private int _length;
    private int _searched;
    private int _lastBeginning = -1;
    private bool _noiseReported;

    /// <summary>Whether bytes are held that may be a token or the beginning of one.</summary>
    public bool HasPending => _length > 0;

    private bool EndsWithPad => _length > 0 && _run[_length - 1] == Pad;

    /// <summary>Takes the next bytes and adds to the results, in the order of arrival.</summary>
    public void Feed(ReadOnlySpan<byte> bytes, List<ScanResult> results)
    {
        _search.Earn(bytes.Length);
        while (!bytes.IsEmpty)
        {
            var text = bytes.IndexOfAnyExcept(TextBytes);
            if (text < 0)
                text = bytes.Length;
            AddText(bytes[..text], results);
            bytes = bytes[text..];
            if (bytes.IsEmpty)
                break;
            if (bytes[0] == Pad)
                AddPad(results);
            else
                AddSeparator(bytes[0], results);
            bytes = bytes[1..];
        }

        if (_lastBeginning >= 0 && _search.TryOpenOnCredit(_run.AsSpan(_lastBeginning.._length), out var last))
            TakeLast(last, _length, results);
    }

    /// <summary>Nothing arrived for a while: what is held is settled as far as it can be, a part of a token is kept.</summary>
    public void Settle(List<ScanResult> results)
    {
        _noiseReported = false;
        if (_lastBeginning < 0 || TakeLast(_length, results))
            return;
        while (_search.TryFindFirst(_run.AsSpan(0, _length), 0, out var from, out var token))
        {
            Skip(0, from, results);
            Take(token, results);
            Shift(from + FernetToken.EncodedLength(token.Line.Length));
            LookAgain(results);
        }
    }

    /// <summary>The connection ended: what is held is settled and what is left of it passed over.</summary>
    public void End(List<ScanResult> results) => EndRun(results);

    private void AddText(ReadOnlySpan<byte> text, List<ScanResult> results)
    {
        if (EndsWithPad && !text.IsEmpty)
            EndRun(results);
        while (!text.IsEmpty)
        {
            if (_length == _run.Length)
                GiveUpOnLongRun(results);
            var count = Math.Min(Math.Min(text.Length, Slice), _run.Length - _length);
            text[..count].CopyTo(_run.AsSpan(_length));
            _length += count;
            text = text[count..];
            LookForBeginnings(results);
        }
    }

    /// <summary>A token ends with one <c>=</c> or two, which its length says; the other beginnings in the run may need a second.</summary>
    private void AddPad(List<ScanResult> results)
    {
        if (_lastBeginning < 0 || _length == _run.Length)
        {
            EndRun(results);
            SkipNoise(results);
            return;
        }

        var isSecond = EndsWithPad;
        _run[_length++] = Pad;
        if (isSecond)
            EndRun(results);
        else
            TakeLast(_length, results);
    }

    private void AddSeparator(byte separator, List<ScanResult> results)
    {
        EndRun(results);
        if (separator == '\n')
            _noiseReported = false;
        else if (separator is not ((byte)'\r' or (byte)' ' or (byte)'\t'))
            SkipNoise(results);
    }

    private void LookForBeginnings(List<ScanResult> results)
    {
        int found;
        while ((found = _run.AsSpan(_searched, _length - _searched).IndexOf(TokenSearch.Beginning)) >= 0)
        {
            var at = _searched + found;
            _searched = at + TokenSearch.Beginning.Length;
            if (_lastBeginning < 0)
                DropNoise(at, results);
            else
                _lastBeginning = TakeLast(at, results) ? 0 : at;
        }

        _searched = Math.Max(_searched, _length - TokenSearch.Beginning.Length + 1);
        if (_lastBeginning < 0)
            DropNoise(_length - LengthOfPartialBeginning(), results);
    }

    /// <summary>Drops what stands before the first beginning, or what cannot become one.</summary>
    private void DropNoise(int count, List<ScanResult> results)
    {
        if (count > 0)
            SkipNoise(results);
        Shift(count);
        if (_run.AsSpan(0, _length).StartsWith(TokenSearch.Beginning))
            _lastBeginning = 0;
    }

    private int LengthOfPartialBeginning()
    {
        for (var length = Math.Min(TokenSearch.Beginning.Length - 1, _length); length > 0; length--)
        {
            if (_run.AsSpan(0, _length).EndsWith(TokenSearch.Beginning[..length]))
                return length;
        }

        return 0;
    }

    /// <summary>Tries the token from the last beginning to a likely end; when it opens, all before that end is settled.</summary>
    private bool TakeLast(int end, List<ScanResult> results)
    {
        if (!_search.TryOpen(_run.AsSpan(_lastBeginning..end), out var token))
            return false;
        TakeLast(token, end, results);
        return true;
    }

    private void TakeLast(FoundToken token, int end, List<ScanResult> results)
    {
        SettleAll(_lastBeginning, results);
        Take(token, results);
        Shift(end);
        _lastBeginning = -1;
    }

    private void LookAgain(List<ScanResult> results)
    {
        _lastBeginning = -1;
        _searched = 0;
        LookForBeginnings(results);
    }

    private void EndRun(List<ScanResult> results)
    {
        if (_lastBeginning < 0 || !TakeLast(_length, results))
            SettleAll(_length, results);
        Shift(_length);
        _lastBeginning = -1;
    }

    private void GiveUpOnLongRun(List<ScanResult> results)
    {
        if (_lastBeginning > 0)
        {
            SettleAll(_lastBeginning, results);
            Shift(_lastBeginning);
            _lastBeginning = 0;
            return;
        }

        var settled = _length - LengthOfPartialBeginning();
        SettleAll(settled, results, PaperRefusal.TooLong);
        _noiseReported = results[^1] is SkippedBytes;
        Shift(settled);
        _lastBeginning = -1;
    }

    /// <summary>Reports every token up to the end, and what lies between, with whatever credit there is.</summary>
    private void SettleAll(int end, List<ScanResult> results, PaperRefusal refusal = PaperRefusal.DoesNotOpen)
    {
        var settled = 0;
        while (_search.TryFindFirst(_run.AsSpan(0, end), settled, out var from, out var token))
        {
            Skip(settled, from, results);
            Take(token, results);
            settled = from + FernetToken.EncodedLength(token.Line.Length);
        }

        Skip(settled, end, results, refusal);
    }

    private void Take(FoundToken token, List<ScanResult> results)
    {
        _noiseReported = false;
        results.Add(token);
    }

    /// <summary>Reports noise before the first beginning, then each thing that begins like a token and is long enough for one.</summary>
    private void Skip(int from, int end, List<ScanResult> results, PaperRefusal refusal = PaperRefusal.DoesNotOpen)
    {
        if (from >= end)
            return;
        var text = _run.AsSpan(0, end);
        var beginning = TokenSearch.NextBeginning(text, from);
        if (beginning != from)
            SkipNoise(results);
        for (; beginning >= 0; beginning = TokenSearch.NextBeginning(text, beginning + FernetToken.ShortestLength))
            results.Add(new SkippedBytes(refusal));
    }

    /// <summary>Reports a stretch of noise once, at its first byte.</summary>
    private void SkipNoise(List<ScanResult> results)
    {
        if (!_noiseReported)
            results.Add(new SkippedBytes(PaperRefusal.NotAToken));
        _noiseReported = true;
    }

    private void Shift(int count)
    {
        _run.AsSpan(count, _length - count).CopyTo(_run);
        _length -= count;
        _searched = Math.Max(0, _searched - count);
    }
}
