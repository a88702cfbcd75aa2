namespace Sotto.EndToEnd.Tests.Running;

/// <summary>The environment of every process that a test starts: nothing of the person's who runs the tests.</summary>
internal static class Environments
{
    private static readonly string[] _ours = ["SOTTO_KEY", "SOTTO_PASSPHRASE_FILE", "SOTTO_NEW_PASSPHRASE_FILE", "XDG_DATA_HOME", "TMUX", "NO_COLOR"];

    public static void Prepare(IDictionary<string, string?> environment, Home home)
    {
        foreach (var name in _ours)
            environment.Remove(name);
        environment["SOTTO_HOME"] = home.Profile;
        environment["LC_ALL"] = "C.UTF-8";
        environment["DOTNET_NOLOGO"] = "1";
    }
}
