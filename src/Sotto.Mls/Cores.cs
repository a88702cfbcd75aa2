namespace Sotto.Mls;

/// <summary>Independent work on all cores, where there are threads and the work is worth them.</summary>
internal static class Cores
{
    private const int FewestItems = 8;
    private const int FewestBytes = 64 * 1024;

    private static bool Several => !OperatingSystem.IsBrowser() && Environment.ProcessorCount > 1;

    /// <summary>Works on each of a number of items.</summary>
    public static void ForEach(int count, Action<int> work)
    {
        if (count >= FewestItems && Several)
        {
            Run(count, work);
            return;
        }

        for (var i = 0; i < count; i++)
            work(i);
    }

    /// <summary>Does the first thing and, where it costs no time because both go over many bytes, a second one beside it.</summary>
    public static void Beside(int bytes, Action first, Action second)
    {
        if (bytes >= FewestBytes && Several)
            Run(2, i => (i == 0 ? first : second)());
        else
            first();
    }

    private static void Run(int count, Action<int> work)
    {
        try
        {
            Parallel.For(0, count, work);
        }
        catch (AggregateException failures)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failures.InnerExceptions[0]);
        }
    }
}
