using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Sotto.Relay.Tests.Promises.PowerLoss;

/// <summary>Reads what <c>strace -f -y -xx</c> recorded. A call that it does not know how to replay is an error, not left out.</summary>
internal sealed partial class WriteTrace
{
    /// <summary>Everything that changes a file's bytes, length or name, or flushes it.</summary>
    public const string Calls = "pwrite64,pwritev,pwritev2,ftruncate,truncate,fallocate,fsync,fdatasync,sync_file_range,msync,rename,renameat,renameat2,unlink,unlinkat";

    private readonly Dictionary<string, (string Name, string Arguments, int Call)> _unfinished = [];
    private int _calls;

    /// <summary>The calls of a trace that concern files under a folder.</summary>
    public static IEnumerable<RecordedCall> Read(string trace, string folder)
    {
        var reader = new WriteTrace();
        return File.ReadLines(trace).SelectMany(reader.ReadLine).Where(call => call.Path.StartsWith(folder, StringComparison.Ordinal));
    }

    private IEnumerable<RecordedCall> ReadLine(string line)
    {
        if (Resumed().Match(line) is { Success: true } resumed)
        {
            if (!_unfinished.Remove(resumed.Groups["thread"].Value, out var begun) || resumed.Groups["result"].Value == "-1")
                yield break;
            foreach (var call in Make(begun.Name, begun.Arguments, begun.Call, begins: false))
                yield return call;
        }
        else if (Unfinished().Match(line) is { Success: true } unfinished)
        {
            var (name, arguments) = (unfinished.Groups["name"].Value, unfinished.Groups["arguments"].Value);
            _unfinished[unfinished.Groups["thread"].Value] = (name, arguments, ++_calls);
            if (IsFlush(name))
                yield return new FlushBegan(PathOf(arguments), _calls);
        }
        else if (Whole().Match(line) is { Success: true } whole && whole.Groups["result"].Value != "-1")
        {
            foreach (var call in Make(whole.Groups["name"].Value, whole.Groups["arguments"].Value, ++_calls, begins: true))
                yield return call;
        }
    }

    /// <summary>A call that ended well; a flush also began here unless that was seen before.</summary>
    private static IEnumerable<RecordedCall> Make(string name, string arguments, int call, bool begins)
    {
        if (IsFlush(name))
        {
            if (begins)
                yield return new FlushBegan(PathOf(arguments), call);
            yield return new FlushEnded(PathOf(arguments), call);
            yield break;
        }

        yield return name switch
        {
            "pwrite64" => MakeWrite(arguments),
            "ftruncate" => new Truncated(PathOf(arguments), Number(arguments.Split(", ")[1])),
            "rename" => new Renamed(Text(arguments, 0), Text(arguments, 1)),
            "unlink" => new Unlinked(Text(arguments, 0)),
            _ => throw new InvalidDataException($"{name} was called, which the replay does not know."),
        };
    }

    private static Written MakeWrite(string arguments)
    {
        var numbers = arguments.Split(", ");
        var bytes = Unescape(Quoted().Match(arguments).Groups["text"].Value);
        return bytes.Length == Number(numbers[^2])
            ? new(PathOf(arguments), Number(numbers[^1]), bytes)
            : throw new InvalidDataException("A write was not recorded in full.");
    }

    private static bool IsFlush(string name) => name is "fsync" or "fdatasync";

    private static string PathOf(string arguments) => Encoding.UTF8.GetString(Unescape(Descriptor().Match(arguments).Groups["path"].Value));

    private static string Text(string arguments, int index) => Encoding.UTF8.GetString(Unescape(Quoted().Matches(arguments)[index].Groups["text"].Value));

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static byte[] Unescape(string text) => Convert.FromHexString(text.Replace("\\x", "", StringComparison.Ordinal));

    [GeneratedRegex(@"^(?<thread>\d+) +(?<name>\w+)\((?<arguments>.*)\) += (?<result>-?\d+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Whole();

    [GeneratedRegex(@"^(?<thread>\d+) +(?<name>\w+)\((?<arguments>.*?),? <unfinished \.\.\.>$", RegexOptions.ExplicitCapture)]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"^(?<thread>\d+) +<\.\.\. (?<name>\w+) resumed>.*\) += (?<result>-?\d+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Resumed();

    [GeneratedRegex(@"^\d+<(?<path>[^>]*)>", RegexOptions.ExplicitCapture)]
    private static partial Regex Descriptor();

    [GeneratedRegex("\"(?<text>[^\"]*)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Quoted();
}
