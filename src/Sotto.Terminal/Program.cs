using System.CommandLine;
using Sotto.Terminal.Commands;

namespace Sotto.Terminal;

internal static class Program
{
    private static Task<int> Main(string[] args)
    {
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        return Guarded.RunAsync(() => SottoCommand.Create().Parse(args).InvokeAsync(configuration));
    }
}
