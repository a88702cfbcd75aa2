using System.Runtime.Versioning;

namespace Sotto.EndToEnd.Tests.Running;

/// <summary>A folder of its own for one person's profile and files, deleted afterwards.</summary>
internal sealed class Home : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sotto-");

    public string Folder => _folder.FullName;

    /// <summary>What SOTTO_HOME is set to.</summary>
    public string Profile => Path.Combine(Folder, "profile");

    public string IdentityFile => Path.Combine(Profile, "direct", "identity");

    /// <summary>Writes a file beside the profile.</summary>
    /// <returns>Its path.</returns>
    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Writes a file beside the profile.</summary>
    /// <returns>Its path.</returns>
    public string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>Every file under the profile.</summary>
    public IReadOnlyList<string> ProfileFiles() => [.. Directory.GetFiles(Profile, "*", SearchOption.AllDirectories).Where(path => Path.GetExtension(path) != ".sock")];

    [UnsupportedOSPlatform("windows")]
    public static UnixFileMode ModeOf(string path) => File.GetUnixFileMode(path);

    public void Dispose()
    {
        try
        {
            _folder.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A process that is just ending still writes there.
        }
    }
}
