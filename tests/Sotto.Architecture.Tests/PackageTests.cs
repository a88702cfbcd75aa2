using System.Text.Json;
using System.Xml.Linq;

namespace Sotto.Architecture.Tests;

public sealed class PackageTests
{
    /// <summary>Licences whose code may be part of what is shipped under Apache-2.0. No member of the GPL family is.</summary>
    private static readonly string[] Shippable = ["Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "0BSD"];

    public static TheoryData<string> SourceProjects { get; } = new(Repository.Projects("src"));

    [Fact]
    public void Every_package_has_a_reason_beside_it()
    {
        var packages = XDocument.Parse(Repository.Read("Directory.Packages.props")).Descendants("PackageVersion").ToList();
        var without = packages.Where(package => !IsReason(NodeBefore(package)))
            .Select(package => package.Attribute("Include")!.Value);

        Assert.NotEmpty(packages);
        Assert.Empty(without);
    }

    [Fact]
    public void Every_package_has_one_exact_version()
    {
        var packages = XDocument.Parse(Repository.Read("Directory.Packages.props")).Descendants("PackageVersion");
        Assert.All(packages, package => Assert.Matches(@"^\d+(\.\d+)+$", package.Attribute("Version")!.Value));
    }

    [Theory]
    [MemberData(nameof(SourceProjects))]
    public void A_shipped_project_locks_only_packages_under_licences_that_allow_it(string project)
    {
        foreach (var lockFile in Repository.Files.Where(file => IsLockFile(file, project)))
        {
            var unclear = from package in LockedPackages(lockFile)
                          let licence = LicenceOf(project, package.Name, package.Version)
                          where !Shippable.Contains(licence)
                          select $"{package.Name} {package.Version}: {licence}";
            Assert.Empty(unclear);
        }
    }

    [Fact]
    public void Every_project_has_a_lock_file()
    {
        var projects = Repository.Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(projects);
        Assert.All(projects, project => Assert.Contains($"{Path.GetDirectoryName(project)}/packages.lock.json", Repository.Files));
    }

    private static bool IsReason(XNode? node) => node is XComment { Value.Length: > 20 };

    private static XNode? NodeBefore(XElement element)
    {
        var node = element.PreviousNode;
        while (node is XText)
            node = node.PreviousNode;
        return node;
    }

    private static bool IsLockFile(string file, string project) => file == $"src/{project}/packages.lock.json";

    private static List<(string Name, string Version)> LockedPackages(string lockFile)
    {
        using var document = JsonDocument.Parse(Repository.Read(lockFile));
        return
        [
            .. from framework in document.RootElement.GetProperty("dependencies").EnumerateObject()
               from package in framework.Value.EnumerateObject()
               where package.Value.GetProperty("type").GetString() != "Project"
               select (package.Name, package.Value.GetProperty("resolved").GetString()!),
        ];
    }

    /// <summary>What the restored package says of itself; the restore left the place of the packages beside its output.</summary>
    private static string LicenceOf(string project, string name, string version)
    {
        using var assets = JsonDocument.Parse(Repository.Read($"artifacts/obj/{project}/project.assets.json"));
        foreach (var folder in assets.RootElement.GetProperty("packageFolders").EnumerateObject())
        {
            var specification = Path.Combine(
                folder.Name, name.ToLowerInvariant(), version, $"{name.ToLowerInvariant()}.nuspec");
            if (!File.Exists(specification))
                continue;
            var licence = XDocument.Load(specification).Descendants().FirstOrDefault(element => element.Name.LocalName == "license");
            return licence?.Attribute("type")?.Value == "expression" ? licence.Value : "no licence expression";
        }

        return "not restored";
    }
}
