namespace Sotto.Architecture.Tests;

/// <summary>The files of the repository that these tests were built from, without what a build or an editor makes.</summary>
internal static class Repository
{
    private static readonly string[] Ignored = [".git", ".vs", ".idea", "artifacts", "bench/results"];

    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The build that is looked at: the one that these tests belong to, <c>release</c> under ./test.</summary>
    public static string Configuration { get; } = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));

    /// <summary>Every file, as a path from the root with forward slashes.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [.. FilesBelow("").Order(StringComparer.Ordinal)];

    /// <summary>The names of the projects in a folder (<c>src</c> or <c>tests</c>).</summary>
    public static IEnumerable<string> Projects(string folder) =>
        from file in Files
        where file.StartsWith($"{folder}/", StringComparison.Ordinal) && file.EndsWith(".csproj", StringComparison.Ordinal)
        select Path.GetFileNameWithoutExtension(file);

    public static string FullPath(string file) => Path.Combine(Root, file);

    public static string Read(string file) => File.ReadAllText(FullPath(file));

    private static IEnumerable<string> FilesBelow(string folder)
    {
        foreach (var entry in new DirectoryInfo(FullPath(folder)).EnumerateFileSystemInfos())
        {
            var path = folder.Length == 0 ? entry.Name : $"{folder}/{entry.Name}";
            if (Ignored.Contains(path) || entry.Name == "node_modules")
                continue;
            if (entry is FileInfo)
                yield return path;
            else if (entry.LinkTarget is null)
                foreach (var file in FilesBelow(path))
                    yield return file;
        }
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Sotto.slnx")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("These tests must lie below the folder of Sotto.slnx.");
    }
}
