namespace Sotto.Simulation.Tests.Running;

/// <summary>
/// The thread pool's one worker, on which everything of the clients runs. Whoever drives a simulation is on a thread of its own
/// and looks at nothing while the worker works.
/// </summary>
internal static class Worker
{
    /// <summary>Waits until nothing runs and nothing waits to run: clients do nothing more until a call is let go or a timer fires.</summary>
    public static void AwaitIdle()
    {
        ThreadPool.GetMaxThreads(out var all, out _);
        var spin = new SpinWait();
        while (!IsIdle(all))
            spin.SpinOnce(sleep1Threshold: -1);
    }

    /// <summary>Starts something on the worker and waits until it is done or waits for a call.</summary>
    public static Task<T> Run<T>(Func<Task<T>> work)
    {
        var task = Task.Run(work);
        AwaitIdle();
        return task;
    }

    /// <summary>The same for work without a result.</summary>
    public static Task Run(Func<Task> work)
    {
        var task = Task.Run(work);
        AwaitIdle();
        return task;
    }

    /// <summary>
    /// Runs a test on a thread of its own, with a pool of one worker: whatever clients do runs one after the other, in the same order
    /// each time. Other tests of the process must not run meanwhile.
    /// </summary>
    public static Task OnOwnThreadAsync(Action test)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            ThreadPool.GetMinThreads(out var least, out var leastPorts);
            ThreadPool.GetMaxThreads(out var most, out var mostPorts);
            try
            {
                if (!ThreadPool.SetMinThreads(1, leastPorts) || !ThreadPool.SetMaxThreads(1, mostPorts))
                    throw new InvalidOperationException("The thread pool does not let itself be made smaller.");
                test();
                done.SetResult();
            }
            catch (Exception failure)
            {
                done.SetException(failure);
            }
            finally
            {
                ThreadPool.SetMaxThreads(most, mostPorts);
                ThreadPool.SetMinThreads(least, leastPorts);
            }
        }).Start();
        return done.Task;
    }

    /// <summary>In this order: only a thread that works queues more, so nothing can come in between.</summary>
    private static bool IsIdle(int all)
    {
        if (ThreadPool.PendingWorkItemCount > 0)
            return false;
        ThreadPool.GetAvailableThreads(out var available, out _);
        return available == all && ThreadPool.PendingWorkItemCount == 0;
    }
}
