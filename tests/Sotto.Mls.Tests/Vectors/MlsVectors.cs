using System.Text.Json;

namespace Sotto.Mls.Tests.Vectors;

/// <summary>
/// The MLS vectors of one subject, from the working group's files or from those recorded from ts-mls for X-Wing, with the
/// suite of each case.
/// </summary>
internal static class MlsVectors
{
    public const string Official = "official";
    public const string TsMls = "xwing-0053";
    public const string Default = "xwing-f002-over-0053";

    /// <summary>Runs every case and names all that fail.</summary>
    public static void RunAll(string origin, string subject, int expected, Action<JsonElement, CipherSuite> run)
    {
        using var file = origin == Official ? VectorFile.Open($"mls/{subject}.json") : VectorFile.OpenOwn($"Vectors/XWing/{origin}-{Path.GetFileName(subject)}.json");
        var failures = new List<string>();
        var count = 0;
        foreach (var vector in file.Root.EnumerateArray())
        {
            if (Record.Exception(() => run(vector, SuiteOf(origin, vector))) is { } failure)
                failures.Add($"case {count}: {failure}");
            count++;
        }

        Assert.True(failures.Count == 0, $"{failures.Count} of {count} failed: {string.Join('\n', failures.Take(3))}");
        file.Ran(count, expected);
    }

    public static byte[] Hex(this JsonElement element, string name) => Convert.FromHexString(element.GetProperty(name).GetString()!);

    public static byte[] Hex(this JsonElement element) => Convert.FromHexString(element.GetString()!);

    public static byte[]? OptionalHex(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.Hex() : null;

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public static int Int(this JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private static CipherSuite SuiteOf(string origin, JsonElement vector)
    {
        if (!vector.TryGetProperty("cipher_suite", out var id))
            return CipherSuite.X25519Aes128Sha256Ed25519;
        return origin switch
        {
            TsMls => TestSuites.TsMlsXWing,
            Default => TestSuites.DefaultUnder0053,
            _ => CipherSuite.All.Single(suite => suite.Id.Value == id.GetUInt16()),
        };
    }
}
