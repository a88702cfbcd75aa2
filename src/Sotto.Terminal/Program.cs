using System.CommandLine;
using Sotto.Terminal.Commands;

namespace Sotto.Terminal;

internal static class Program
{
    private static Task<int> Main(string[] args)
    {
        var parsed = SottoCommand.Create().Parse(args);
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        // Help that nobody asked for is no answer: it must not end up in a file that stdout goes to.
        if (parsed.Errors.Count > 0)
            configuration.Output = Console.Error;
        return Guarded.RunAsync(() => parsed.InvokeAsync(configuration));
    }
}
