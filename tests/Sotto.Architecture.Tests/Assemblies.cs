using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace Sotto.Architecture.Tests;

/// <summary>The compiled projects, read as files and not loaded.</summary>
internal static class Assemblies
{
    public static T Open<T>(string project, Func<MetadataReader, T> read)
    {
        using var stream = File.OpenRead(PathOf(project));
        using var image = new PEReader(stream);
        return read(image.GetMetadataReader());
    }

    /// <summary>The names of all types, nested ones included.</summary>
    public static List<string> TypeNames(string assemblyPath)
    {
        using var stream = File.OpenRead(assemblyPath);
        using var image = new PEReader(stream);
        var reader = image.GetMetadataReader();
        return [.. reader.TypeDefinitions.Select(handle => reader.GetString(reader.GetTypeDefinition(handle).Name))];
    }

    public static string PathOf(string project)
    {
        var file = XDocument.Parse(Repository.Read($"src/{project}/{project}.csproj"));
        var name = file.Descendants("AssemblyName").SingleOrDefault()?.Value ?? project;
        return Repository.FullPath($"artifacts/bin/{project}/{Repository.Configuration}/{name}.dll");
    }
}
