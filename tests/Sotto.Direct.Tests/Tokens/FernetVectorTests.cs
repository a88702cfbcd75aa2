using System.Globalization;
using System.Text;
using System.Text.Json;
using Sotto.Direct.Tokens;

namespace Sotto.Direct.Tests.Tokens;

/// <summary>The ten published vectors of the Fernet specification.</summary>
public sealed class FernetVectorTests
{
    [Fact]
    public void Generate_vectors_give_the_published_token()
    {
        var cases = Load("generate.json");
        foreach (var test in cases)
        {
            using var key = KeyOf(test);
            var iv = test.GetProperty("iv").EnumerateArray().Select(b => b.GetByte()).ToArray();
            var plaintext = Encoding.UTF8.GetBytes(test.GetProperty("src").GetString()!);
            var token = new byte[FernetToken.EncodedLength(plaintext.Length)];

            FernetToken.Encrypt(TestCrypto.Provider, key.Bytes, SecondsOf(test), iv, plaintext, token);

            Assert.Equal(test.GetProperty("token").GetString(), Encoding.ASCII.GetString(token));
        }

        Ran("generate.json", cases, 1);
    }

    [Fact]
    public void Verify_vectors_open_to_the_published_text()
    {
        var cases = Load("verify.json");
        foreach (var test in cases)
            Assert.Equal(test.GetProperty("src").GetString(), Open(test));
        Ran("verify.json", cases, 1);
    }

    [Fact]
    public void Invalid_vectors_are_all_refused_in_the_same_way()
    {
        var cases = Load("invalid.json");
        foreach (var test in cases)
            Assert.True(Open(test) is null, test.GetProperty("desc").GetString());
        Ran("invalid.json", cases, 8);
    }

    private static string? Open(JsonElement test)
    {
        using var key = KeyOf(test);
        var token = Encoding.ASCII.GetBytes(test.GetProperty("token").GetString()!);
        var plaintext = new byte[FernetToken.MaxPlaintextLength(token.Length)];
        var rule = new TokenAge(TimeSpan.FromSeconds(test.GetProperty("ttl_sec").GetInt32()), TimeSpan.FromSeconds(60));

        return FernetToken.TryDecrypt(TestCrypto.Provider, key.Bytes, token, plaintext, out var written, out var madeAt)
            && rule.Judge(madeAt, SecondsOf(test)) == TokenAgeVerdict.Fresh
                ? Encoding.UTF8.GetString(plaintext, 0, written)
                : null;
    }

    private static List<JsonElement> Load(string file)
    {
        var folder = Environment.GetEnvironmentVariable("SOTTO_VECTORS");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "SOTTO_VECTORS is not set: the published Fernet vectors are not committed.");
        var path = Path.Combine(folder!, "fernet", file);
        Assert.SkipUnless(File.Exists(path), $"SOTTO_VECTORS has no fernet/{file}.");
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return [.. document.RootElement.EnumerateArray().Select(e => e.Clone())];
    }

    /// <summary>Notes the number of cases for the person who runs the tests.</summary>
    private static void Ran(string file, List<JsonElement> cases, int published)
    {
        Assert.Equal(published, cases.Count);
        if (Environment.GetEnvironmentVariable("SOTTO_VECTOR_LOG") is { Length: > 0 } log)
            File.AppendAllText(log, $"vectors: fernet/{file} {cases.Count}\n");
    }

    private static FernetKey KeyOf(JsonElement test) =>
        FernetKey.TryParse(test.GetProperty("secret").GetString(), out var key)
            ? key
            : throw new InvalidOperationException("The vector's key does not parse.");

    private static long SecondsOf(JsonElement test) =>
        DateTimeOffset.Parse(test.GetProperty("now").GetString()!, CultureInfo.InvariantCulture).ToUnixTimeSeconds();
}
