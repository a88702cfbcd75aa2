using System.Text;

namespace Sotto.Relay.Tests.Promises.PowerLoss;

/// <summary>
/// What clients of the recorded relay were told, in a file of their own, whose writes stand in the same trace: so each
/// acknowledgement has a place among the writes and flushes of the relay.
/// </summary>
internal sealed class Acknowledgements : IDisposable
{
    private readonly Lock _gate = new();
    private readonly FileStream _file;

    public Acknowledgements(string folder) =>
        _file = new(Path.Combine(folder, Name), FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);

    public const string Name = "acknowledged";

    public int Count { get; private set; }

    /// <summary>Writes one line: a word and values in hexadecimal.</summary>
    public void Add(string what, params byte[][] values)
    {
        lock (_gate)
        {
            _file.Write(Encoding.ASCII.GetBytes(string.Join(' ', values.Select(Convert.ToHexStringLower).Prepend(what)) + "\n"));
            Count++;
        }
    }

    /// <summary>The lines of a recorded write.</summary>
    public static IEnumerable<(string What, byte[][] Values)> Read(byte[] bytes) =>
        Encoding.ASCII.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .Select(words => (words[0], words[1..].Select(Convert.FromHexString).ToArray()));

    public void Dispose() => _file.Dispose();
}
