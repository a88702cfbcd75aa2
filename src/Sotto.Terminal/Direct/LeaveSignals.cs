using System.Runtime.InteropServices;

namespace Sotto.Terminal.Direct;

/// <summary>Ctrl-C, SIGTERM and SIGHUP: the first says goodbye, the second ends at once.</summary>
internal sealed class LeaveSignals : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;
    private int _count;

    public LeaveSignals(Action leave, Action kill) =>
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            if (Interlocked.Increment(ref _count) == 1)
                leave();
            else
                kill();
        }))];

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }
}
