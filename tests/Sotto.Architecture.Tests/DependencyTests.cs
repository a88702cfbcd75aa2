using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Xml.Linq;

namespace Sotto.Architecture.Tests;

/// <summary>Which project may use which. The relay cannot read a message, because it does not have the code.</summary>
public sealed class DependencyTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Sotto.Crypto"] = [],
        ["Sotto.Crypto.Native"] = ["Sotto.Crypto"],
        ["Sotto.Mls"] = ["Sotto.Crypto"],
        ["Sotto.Direct"] = ["Sotto.Crypto"],
        ["Sotto.Wire"] = [],
        ["Sotto.Client"] = ["Sotto.Mls", "Sotto.Wire", "Sotto.Crypto"],
        ["Sotto.Client.Sqlite"] = ["Sotto.Client"],
        ["Sotto.Relay"] = ["Sotto.Wire", "Sotto.Crypto"],
        ["Sotto.Terminal"] =
        [
            "Sotto.Crypto", "Sotto.Crypto.Native", "Sotto.Mls", "Sotto.Direct", "Sotto.Wire", "Sotto.Client",
            "Sotto.Client.Sqlite", "Sotto.Relay",
        ],
        ["Sotto.Web"] = ["Sotto.Client", "Sotto.Crypto"],
    };

    public static TheoryData<string> SourceProjects { get; } = new(Repository.Projects("src"));

    [Theory]
    [MemberData(nameof(SourceProjects))]
    public void A_project_file_references_only_what_the_table_allows(string project)
    {
        var file = XDocument.Parse(Repository.Read($"src/{project}/{project}.csproj"));
        var references = file.Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));

        Assert.Contains(project, Allowed);
        Assert.Empty(references.Except(Allowed[project]));
    }

    [Theory]
    [MemberData(nameof(SourceProjects))]
    public void A_compiled_project_references_only_what_the_table_allows(string project)
    {
        var references = Assemblies.Open(project, reader =>
            reader.AssemblyReferences.Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name)).ToList());
        var ours = references.Where(name => name.StartsWith("Sotto.", StringComparison.OrdinalIgnoreCase));

        Assert.Empty(ours.Except(Allowed[project]));
    }

    [Theory]
    [MemberData(nameof(SourceProjects))]
    public void Only_the_native_project_imports_libsodium(string project) =>
        Assert.Equal(project == "Sotto.Crypto.Native", Assemblies.Open(project, ImportedLibraries).Contains("libsodium"));

    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    public void The_solution_holds_every_project(string folder)
    {
        var listed = XDocument.Parse(Repository.Read("Sotto.slnx")).Descendants("Project")
            .Select(project => project.Attribute("Path")!.Value);

        Assert.Empty(Repository.Projects(folder).Select(name => $"{folder}/{name}/{name}.csproj").Except(listed));
    }

    private static List<string> ImportedLibraries(MetadataReader reader) =>
    [
        .. from row in Enumerable.Range(1, reader.GetTableRowCount(TableIndex.ModuleRef))
           let module = reader.GetModuleReference(MetadataTokens.ModuleReferenceHandle(row))
           select reader.GetString(module.Name),
    ];
}
