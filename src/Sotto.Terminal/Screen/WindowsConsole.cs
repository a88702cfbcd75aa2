using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Sotto.Terminal.Screen;

/// <summary>What a Windows console needs before it shows control sequences and UTF-8.</summary>
[SupportedOSPlatform("windows")]
internal static class WindowsConsole
{
    private const int StandardOutput = -11;
    private const uint VirtualTerminalProcessing = 0x0004;

    /// <summary>Switches output to UTF-8 and control sequences on; a console too old for them stays as it is.</summary>
    public static void AllowControlSequences()
    {
        Console.OutputEncoding = System.Text.Encoding.UTF8;
        var output = GetStdHandle(StandardOutput);
        if (GetConsoleMode(output, out var mode) != 0)
            _ = SetConsoleMode(output, mode | VirtualTerminalProcessing);
    }

    [DllImport("kernel32.dll"), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern nint GetStdHandle(int which);

    [DllImport("kernel32.dll"), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int GetConsoleMode(nint console, out uint mode);

    [DllImport("kernel32.dll"), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int SetConsoleMode(nint console, uint mode);
}
