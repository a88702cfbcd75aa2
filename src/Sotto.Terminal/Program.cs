namespace Sotto.Terminal;

internal static class Program
{
    private static int Main() => 0;
}
