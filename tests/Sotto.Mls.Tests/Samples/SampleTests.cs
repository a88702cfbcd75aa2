using System.Runtime.CompilerServices;

namespace Sotto.Mls.Samples;

public sealed class SampleTests
{
    [Fact]
    public void The_sample_of_the_documents_runs() =>
        Assert.Equal("Hello Bob", TwoPeople.Run(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero)));

    [Fact]
    public void The_documents_show_the_sample_that_is_compiled()
    {
        var folder = Path.GetDirectoryName(ThisFile())!;
        var sample = File.ReadAllText(Path.Combine(folder, "TwoPeople.cs")).Trim();
        var document = File.ReadAllText(Path.Combine(folder, "../../../docs/mls.md"));
        Assert.Contains($"```csharp\n{sample}\n```", document, StringComparison.Ordinal);
    }

    private static string ThisFile([CallerFilePath] string file = "") => file;
}
