using System.Text.RegularExpressions;

namespace Sotto.Architecture.Tests;

public sealed partial class MarkdownTests
{
    public static TheoryData<string> Documents { get; } = new(
        Repository.Files.Where(file => file.EndsWith(".md", StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_link_inside_the_repository_leads_somewhere(string document)
    {
        var broken = from target in Targets(document)
                     where !Resolves(document, target)
                     select target;
        Assert.Empty(broken);
    }

    [Theory]
    [InlineData("README.md", "docs/nowhere.md", false)]
    [InlineData("docs/vectors.md", "../Sotto.slnx", true)]
    [InlineData("docs/vectors.md", "#sources", true)]
    [InlineData("docs/vectors.md", "#nowhere", false)]
    [InlineData("docs/decisions/0001-one-native-class-on-libsodium.md", "../vectors.md#sources", true)]
    [InlineData("docs/vectors.md", "decisions", true)]
    [InlineData("docs/vectors.md", "../../outside.md", false)]
    public void The_check_tells_good_links_from_broken_ones(string document, string target, bool good) =>
        Assert.Equal(good, Resolves(document, target));

    [Theory]
    [InlineData("Who it is for", "who-it-is-for")]
    [InlineData("`./sotto`, and more!", "sotto-and-more")]
    [InlineData("X-Wing & RSA", "x-wing--rsa")]
    public void A_heading_has_the_anchor_that_markdown_gives_it(string heading, string anchor) =>
        Assert.Equal(anchor, Anchor(heading));

    private static IEnumerable<string> Targets(string document) =>
        from match in Link().Matches(WithoutCode(Repository.Read(document)))
        let target = match.Groups["target"].Value
        where !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal)
        select target;

    private static bool Resolves(string document, string target)
    {
        var parts = target.Split('#', 2);
        var path = parts[0].Length == 0
            ? document
            : Path.GetRelativePath(Repository.Root, Path.Combine(Repository.Root, Path.GetDirectoryName(document)!, parts[0])).Replace('\\', '/');
        var isFile = Repository.Files.Contains(path);
        var isFolder = Repository.Files.Any(file => file.StartsWith($"{path.TrimEnd('/')}/", StringComparison.Ordinal));
        return parts.Length == 1 ? isFile || isFolder : isFile && Anchors(path).Contains(parts[1]);
    }

    private static IEnumerable<string> Anchors(string document) =>
        Heading().Matches(WithoutCode(Repository.Read(document))).Select(match => Anchor(match.Groups["text"].Value));

    private static string Anchor(string heading) =>
        NotInAnchors().Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    private static string WithoutCode(string text) => Code().Replace(text, "");

    [GeneratedRegex(@"\[[^\]]*\]\((?<target>[^)\s]+)(\s+""[^""]*"")?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ +(?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N}_ -]")]
    private static partial Regex NotInAnchors();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();
}
