using Sotto.Wire;

namespace Sotto.Relay.Accounts;

/// <summary>One thing at a time for an account. Accounts share a fixed number of locks.</summary>
internal sealed class AccountLocks
{
    private readonly SemaphoreSlim[] _locks = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1))];

    /// <summary>Enters; disposing the result leaves.</summary>
    public async Task<IDisposable> EnterAsync(Bytes32 account, CancellationToken cancellationToken)
    {
        var gate = _locks[(uint)account.GetHashCode() % _locks.Length];
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Left(gate);
    }

    private sealed class Left(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
