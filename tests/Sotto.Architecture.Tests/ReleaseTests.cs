namespace Sotto.Architecture.Tests;

/// <summary>What is shipped has no switch that turns a defence off, not even a hidden one.</summary>
public sealed class ReleaseTests
{
    public static TheoryData<string> SourceProjects { get; } = new(Repository.Projects("src"));

    [Theory]
    [MemberData(nameof(SourceProjects))]
    public void A_shipped_assembly_knows_no_switch_for_a_defence(string project) =>
        Assert.DoesNotContain(Assemblies.TypeNames(Assemblies.PathOf(project)), IsSwitch);

    [Fact]
    public void The_look_for_switches_finds_one_where_it_is()
    {
        Assert.Contains(Assemblies.TypeNames(typeof(ReleaseTests).Assembly.Location), IsSwitch);
        Assert.Equal(nameof(Defence.Example), Defence.Example.ToString());
    }

    private static bool IsSwitch(string typeName) => typeName.StartsWith(nameof(Defence), StringComparison.Ordinal);

    /// <summary>What the look must find: the name that the switches have.</summary>
    private enum Defence
    {
        Example,
    }
}
