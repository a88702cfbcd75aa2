using System.Diagnostics;
using System.Globalization;

namespace Sotto.Bench;

/// <summary>Python's <c>cryptography.fernet</c> in a process of its own, which measures itself on request.</summary>
internal sealed class PythonPeer : IDisposable
{
    private readonly Process _process;

    private PythonPeer(Process process)
    {
        _process = process;
        Versions = Ask("versions");
    }

    public string Versions { get; }

    /// <summary>Null when there is no interpreter.</summary>
    public static PythonPeer? Start(Plan plan)
    {
        if (plan.Python is null)
            return null;
        var start = new ProcessStartInfo(plan.Python, [Path.Combine(plan.Root, "bench", "fernet_peer.py")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return new(Process.Start(start)!);
    }

    public double SecondsEach(string operation, int size, double limit) =>
        double.Parse(Ask(string.Create(CultureInfo.InvariantCulture, $"{operation} {size} {limit}")), CultureInfo.InvariantCulture);

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private string Ask(string request)
    {
        _process.StandardInput.WriteLine(request);
        _process.StandardInput.Flush();
        return _process.StandardOutput.ReadLine() ?? throw new IOException("The Python peer ended.");
    }
}
