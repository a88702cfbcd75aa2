using System.Text.RegularExpressions;

namespace Sotto.Architecture.Tests;

public sealed partial class FileTests
{
    private static readonly string[] Written = [".cs", ".csproj", ".md", ".props", ".targets", ".razor", ".js", ".css", ".proto", ".py", ".sh", ""];

    private static readonly string[] NamesThatSayNothing = ["Common", "Utils", "Util", "Helpers", "Helper", "Core"];

    [Fact]
    public void No_file_has_a_thousand_lines()
    {
        var tooLong = from file in WrittenByUs()
                      let lines = File.ReadLines(Repository.FullPath(file)).Count()
                      where lines >= 1000
                      select $"{file}: {lines}";
        Assert.Empty(tooLong);
    }

    [Fact]
    public void No_file_folder_or_project_has_a_name_that_says_nothing()
    {
        var vague = from file in Repository.Files
                    from part in file.Split('/', '.')
                    where NamesThatSayNothing.Contains(part, StringComparer.OrdinalIgnoreCase)
                    select file;
        Assert.Empty(vague);
    }

    [Fact]
    public void No_source_says_that_it_is_unfinished()
    {
        var unfinished = from file in WrittenByUs()
                         where file.StartsWith("src/", StringComparison.Ordinal)
                         from line in File.ReadLines(Repository.FullPath(file)).Index()
                         where Unfinished().IsMatch(line.Item)
                         select $"{file}:{line.Index + 1}";
        Assert.Empty(unfinished);
    }

    [Theory]
    [InlineData("// TODO: later", true)]
    [InlineData("// FIXME", true)]
    [InlineData("throw new NotImplementedException();", true)]
    [InlineData("var todos = 1;", false)]
    public void The_look_for_unfinished_work_finds_it(string line, bool found) =>
        Assert.Equal(found, Unfinished().IsMatch(line));

    private static IEnumerable<string> WrittenByUs() =>
        Repository.Files.Where(file => Written.Contains(Path.GetExtension(file)) && !file.Contains("/corpus/", StringComparison.Ordinal));

    [GeneratedRegex(@"\b(TODO|FIXME|XXX|HACK|NotImplementedException)\b")]
    private static partial Regex Unfinished();
}
