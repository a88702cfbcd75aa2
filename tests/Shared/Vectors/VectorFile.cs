using System.IO.Compression;
using System.Text.Json;

namespace Sotto.Tests.Vectors;

/// <summary>
/// One published file in the folder that SOTTO_VECTORS names. A test that opens one is skipped when the folder is not
/// there, and says at the end how many cases it ran.
/// </summary>
internal sealed class VectorFile : IDisposable
{
    private static readonly Lock LogGate = new();

    private readonly string _name;
    private readonly JsonDocument _document;

    private VectorFile(string name, JsonDocument document)
    {
        _name = name;
        _document = document;
    }

    public JsonElement Root => _document.RootElement;

    public IEnumerable<VectorCase> WycheproofCases =>
        from testGroup in Root.GetProperty("testGroups").EnumerateArray()
        from test in testGroup.GetProperty("tests").EnumerateArray()
        select new VectorCase(testGroup, test);

    public static VectorFile Open(string name) => Read(name, PathOf(name));

    /// <summary>Where a published file or folder lies; the test is skipped when the folder of all is not there.</summary>
    public static string PathOf(string name)
    {
        var folder = Environment.GetEnvironmentVariable("SOTTO_VECTORS");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "SOTTO_VECTORS is not set: no folder of published vectors");
        Assert.SkipUnless(Directory.Exists(folder), "SOTTO_VECTORS names no folder of published vectors");
        return Path.Combine(folder, name);
    }

    /// <summary>A file that is kept beside the tests.</summary>
    public static VectorFile OpenOwn(string name) => Read(name, Path.Combine(AppContext.BaseDirectory, name));

    private static VectorFile Read(string name, string path)
    {
        using var file = File.OpenRead(path);
        using Stream content = name.EndsWith(".gz", StringComparison.Ordinal)
            ? new GZipStream(file, CompressionMode.Decompress)
            : file;
        return new VectorFile(name, JsonDocument.Parse(content));
    }

    /// <summary>
    /// Runs every Wycheproof case, names all that fail, holds the count against the file's own and the expected one.
    /// </summary>
    public void RunAll(int expectedCases, Action<VectorCase> run)
    {
        Assert.Equal(expectedCases, Root.GetProperty("numberOfTests").GetInt32());
        var failures = new List<string>();
        var count = 0;
        foreach (var vector in WycheproofCases)
        {
            count++;
            if (Record.Exception(() => run(vector)) is { } failure)
                failures.Add($"case {vector.Id} ({vector.Comment}): {failure.Message}");
        }

        Assert.Empty(failures);
        Ran(count, expectedCases);
    }

    /// <summary>Notes the number of cases for the person who runs the tests.</summary>
    public void Ran(int count, int expected) => Ran(_name, count, expected);

    /// <summary>Notes the number of cases in a published folder of files.</summary>
    public static void Ran(string name, int count, int expected)
    {
        Assert.Equal(expected, count);
        if (Environment.GetEnvironmentVariable("SOTTO_VECTOR_LOG") is { Length: > 0 } log)
        {
            lock (LogGate)
                File.AppendAllText(log, $"vectors: {name} {count}\n");
        }
    }

    public void Dispose() => _document.Dispose();
}
