using System.Globalization;
using Sotto.Crypto.Native;
using Sotto.Direct.Tokens;

namespace Sotto.Bench;

/// <summary>Tokens against Python's library, one thread each, turn by turn.</summary>
internal static class FernetRows
{
    private static readonly int[] PlaintextSizes = [64, 1024, 64 * 1024, 1024 * 1024];

    public static IEnumerable<Row> Measure(Plan plan, PythonPeer? peer)
    {
        foreach (var size in PlaintextSizes)
        {
            var token = new TokenWork(size);
            foreach (var (operation, work) in new (string, Action)[] { ("encrypt", token.Encrypt), ("decrypt", token.Decrypt) })
                yield return Measure(plan, peer, operation, size, work);
        }
    }

    private static Row Measure(Plan plan, PythonPeer? peer, string operation, int size, Action work)
    {
        var goal = size == 1024 ? 3 : 1;
        Timing.Warm(work, plan.Sample * 2);
        var medians = peer is null
            ? Timing.Interleave(plan.Rounds, () => Timing.SecondsEach(work, plan.Sample))
            : Timing.Interleave(plan.Rounds, () => Timing.SecondsEach(work, plan.Sample), () => peer.SecondsEach(operation, size, plan.Sample));
        var (what, asked) = ($"Fernet {operation}, {Size(size)}", $"≥ {goal} ×");
        if (peer is null)
            return new(what, Speed(medians[0], size), "no Python with cryptography", Goal: asked);
        var ratio = medians[1] / medians[0];
        return new(what, Speed(medians[0], size), Speed(medians[1], size), string.Create(CultureInfo.InvariantCulture, $"{ratio:0.0} ×"), asked, ratio >= goal);
    }

    private static string Speed(double seconds, int size) =>
        string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e6:#,0.0} µs, {size / seconds / 1e6:#,0} MB/s");

    private static string Size(int size) => size switch
    {
        < 1024 => $"{size} B",
        < 1024 * 1024 => $"{size / 1024} KiB",
        _ => $"{size / 1024 / 1024} MiB",
    };
}

/// <summary>One token's work under one key, with everything allocated beforehand.</summary>
internal sealed class TokenWork
{
    private readonly NativeCryptoProvider _crypto = new();
    private readonly byte[] _key = new byte[FernetToken.KeyLength];
    private readonly byte[] _plaintext;
    private readonly byte[] _token;
    private readonly byte[] _opened;

    public TokenWork(int size)
    {
        _crypto.FillRandom(_key);
        _plaintext = new byte[size];
        _crypto.FillRandom(_plaintext);
        _token = new byte[FernetToken.EncodedLength(size)];
        _opened = new byte[FernetToken.MaxPlaintextLength(_token.Length)];
        Encrypt();
    }

    public void Encrypt() =>
        FernetToken.Encrypt(_crypto, _key, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(), _plaintext, _token);

    public void Decrypt()
    {
        if (!FernetToken.TryDecrypt(_crypto, _key, _token, _opened, out _, out _))
            throw new InvalidOperationException("A token of our own did not open.");
    }
}
