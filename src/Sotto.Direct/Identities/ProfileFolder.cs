namespace Sotto.Direct.Identities;

/// <summary>
/// Where a profile lies: <c>SOTTO_HOME</c> if set, otherwise <c>sotto</c> in the XDG data folder (<c>XDG_DATA_HOME</c>, or
/// the platform's folder for local application data).
/// </summary>
public sealed record ProfileFolder(string Path)
{
    /// <summary>The identity key of direct mode.</summary>
    public string IdentityFile => System.IO.Path.Combine(Path, "direct", "identity");

    /// <summary>The remembered people of direct mode.</summary>
    public string PeersFile => System.IO.Path.Combine(Path, "direct", "peers.json");

    /// <summary>Where received files go when nobody says otherwise.</summary>
    public string FilesFolder => System.IO.Path.Combine(Path, "files");

    /// <summary>Finds the profile from the environment.</summary>
    public static ProfileFolder FromEnvironment()
    {
        var home = Environment.GetEnvironmentVariable("SOTTO_HOME");
        if (!string.IsNullOrEmpty(home))
            return new(System.IO.Path.GetFullPath(home));
        var xdg = Environment.GetEnvironmentVariable("XDG_DATA_HOME");
        var data = !string.IsNullOrEmpty(xdg) && System.IO.Path.IsPathRooted(xdg)
            ? xdg
            : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return new(System.IO.Path.Combine(data, "sotto"));
    }

    /// <summary>Makes the folder of a file, closed to other users where the platform has such modes.</summary>
    internal static void MakeFolderOf(string file)
    {
        var folder = System.IO.Path.GetDirectoryName(file)!;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Writes a file whole or not at all, readable by its owner alone.</summary>
    internal static void WriteWhole(string file, ReadOnlySpan<byte> content, string unique, bool replace)
    {
        MakeFolderOf(file);
        var temporary = $"{file}.{unique}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(temporary, options))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(temporary, file, overwrite: replace);
        }
        catch (IOException)
        {
            File.Delete(temporary);
            throw;
        }
    }
}
