using System.Reflection;
using System.Text;
using System.Xml.Linq;

namespace Sotto.Mls.Tests.Rules;

/// <summary>The conformance table in the documents, which is made of the rules and of the traits of their tests.</summary>
public sealed class ConformanceTests
{
    /// <summary>Set to 1, it makes the test write the table instead of comparing it.</summary>
    private const string Rewrite = "SOTTO_WRITE_CONFORMANCE";
    private const int FewestRules = 120;

    [Fact]
    public void Every_rule_has_a_test_that_breaks_it()
    {
        var tested = TestsByRule();
        Assert.All(Enum.GetValues<MlsRule>(), rule => Assert.Contains(rule, tested.Keys));
    }

    [Fact]
    public void Every_rule_says_where_it_comes_from() =>
        Assert.All(Enum.GetNames<MlsRule>(), name => Assert.NotEmpty(typeof(MlsRule).GetField(name)!.GetCustomAttribute<RuleSourceAttribute>()!.Section));

    [Fact]
    public void There_are_at_least_120_rules() => Assert.True(Enum.GetValues<MlsRule>().Length >= FewestRules);

    [Fact]
    public void The_table_in_the_documents_is_that_of_the_rules_and_tests()
    {
        var path = Path.Combine(Repository(), "docs", "mls-conformance.md");
        if (Environment.GetEnvironmentVariable(Rewrite) == "1")
            File.WriteAllText(path, Table());
        Assert.True(File.Exists(path) && File.ReadAllText(path) == Table(), $"docs/mls-conformance.md is out of date: run this test with {Rewrite}=1.");
    }

    private static string Table()
    {
        var tested = TestsByRule();
        var says = Summaries();
        var rules = Enum.GetValues<MlsRule>();
        var table = new StringBuilder()
            .Append("# Conformance of Sotto.Mls\n\n")
            .Append($"{rules.Length} rules, each with the document that it comes from and the tests that break it alone, with valid keys, tags and\n")
            .Append("signatures around it: the input is refused by that rule, the group is as it was, and the same input without the\n")
            .Append("fault is accepted after it. In the `Defences` build each attack runs again with its rule switched off and is not\n")
            .Append("refused by it any more; for rules marked with a star there is no such control, see below.\n\n")
            .Append($"Made by `ConformanceTests` of `tests/Sotto.Mls.Tests`; with `{Rewrite}=1` in the environment it writes this file.\n\n")
            .Append("| rule | what holds | where it comes from | tests |\n| --- | --- | --- | --- |\n");
        foreach (var rule in rules)
        {
            var star = RulesWithoutControl.Reasons.ContainsKey(rule) ? " *" : "";
            var section = typeof(MlsRule).GetField(rule.ToString())!.GetCustomAttribute<RuleSourceAttribute>()!.Section;
            table.Append($"| {rule}{star} | {says[rule]} | {section} | {string.Join("; ", tested.GetValueOrDefault(rule, []))} |\n");
        }

        table.Append("\n## Rules without a control\n\nWhere these are broken there is nothing to go on with, whatever the switches say.\n\n");
        foreach (var reason in RulesWithoutControl.Reasons.GroupBy(rule => rule.Value, rule => rule.Key))
            table.Append($"- {string.Join(", ", reason.Order())}: {reason.Key}.\n");
        return table.ToString();
    }

    private static Dictionary<MlsRule, List<string>> TestsByRule() => typeof(ConformanceTests).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods())
        .SelectMany(method => method.GetCustomAttributesData()
            .Where(attribute => attribute.AttributeType == typeof(TraitAttribute) && attribute.ConstructorArguments[0].Value is "Rule")
            .Select(attribute => (Rule: Enum.Parse<MlsRule>((string)attribute.ConstructorArguments[1].Value!), Test: $"{method.DeclaringType!.Name}.{method.Name}")))
        .GroupBy(test => test.Rule)
        .ToDictionary(tests => tests.Key, tests => tests.Select(test => test.Test).Order(StringComparer.Ordinal).ToList());

    private static Dictionary<MlsRule, string> Summaries()
    {
        var documentation = XDocument.Load(Path.ChangeExtension(typeof(MlsRule).Assembly.Location, ".xml"));
        var prefix = $"F:{typeof(MlsRule).FullName}.";
        return documentation.Descendants("member")
            .Where(member => member.Attribute("name")!.Value.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(
                member => Enum.Parse<MlsRule>(member.Attribute("name")!.Value[prefix.Length..]),
                member => string.Join(' ', member.Element("summary")!.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Sotto.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The repository is not above the tests.");
    }
}
