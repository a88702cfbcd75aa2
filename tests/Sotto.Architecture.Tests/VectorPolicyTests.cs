using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Sotto.Architecture.Tests;

/// <summary>Published vectors are fetched by whoever runs the tests; docs/vectors.md says which, with hashes.</summary>
public sealed partial class VectorPolicyTests
{
    [Fact]
    public void No_published_vector_file_lies_in_the_repository()
    {
        var published = Rows().Select(row => row.Groups["hash"].Value).ToHashSet();
        var committed = from file in Repository.Files
                        where published.Contains(HashOf(File.ReadAllBytes(Repository.FullPath(file))))
                        select file;

        Assert.NotEmpty(published);
        Assert.Empty(committed);
    }

    [Fact]
    public void The_published_files_are_the_listed_ones()
    {
        var folder = Environment.GetEnvironmentVariable("SOTTO_VECTORS");
        Assert.SkipUnless(Directory.Exists(folder), "SOTTO_VECTORS names no folder of published vectors");

        Assert.All(Rows(), row => Assert.Equal(
            row.Groups["hash"].Value, HashOf(File.ReadAllBytes(Path.Combine(folder, row.Groups["file"].Value)))));
    }

    private static IEnumerable<Match> Rows() => Row().Matches(Repository.Read("docs/vectors.md"));

    private static string HashOf(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    [GeneratedRegex(@"^\| `(?<file>[^`]+)` \| `(?<hash>[0-9a-f]{64})` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
