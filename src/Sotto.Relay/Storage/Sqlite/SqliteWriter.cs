using System.Diagnostics;
using System.Globalization;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Storage.Sqlite;

/// <summary>What a writer works on: a plane's tables and what it keeps of them in memory.</summary>
internal interface ISqliteTables
{
    /// <summary>Before each group, inside its transaction.</summary>
    void BeginGroup();

    /// <summary>After the group is durable and its works were told so: readers may see it from here on.</summary>
    void GroupCommitted();

    /// <summary>After the group was rolled back: memory must forget what the group changed.</summary>
    void GroupRolledBack();
}

/// <summary>
/// The one thread that writes a database. All work that waits is carried out in one transaction, committed, and only then
/// answered: the cost of a commit is shared by everybody who waited for it.
/// </summary>
/// <remarks>
/// Work either changes the tables or throws a <see cref="RelayException"/> before it changed anything. Any other exception
/// rolls the group back; the work that threw is answered with it, and the rest of the group is carried out again. Only when
/// the disk or the database is in trouble the whole group fails and health shows it: a work that breaks a rule of the tables
/// is a fault of that work.
/// </remarks>
internal sealed class SqliteWriter<TTables> : IAsyncDisposable
    where TTables : ISqliteTables
{
    private const int MaxWaiting = 100_000;

    private readonly SqliteConnection _connection;
    private readonly TTables _tables;
    private readonly StorageHealth _health;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _arrived = new(false);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<Job> _waiting = [];
    private bool _stopping;

    /// <summary>Takes the connection over.</summary>
    public SqliteWriter(SqliteConnection connection, TTables tables, StorageHealth health, string name)
    {
        (_connection, _tables, _health) = (connection, tables, health);
        _begin = connection.Prepare("BEGIN IMMEDIATE");
        _commit = connection.Prepare("COMMIT");
        new Thread(WriteGroups) { IsBackground = true, Name = name }.Start();
    }

    /// <summary>Groups committed so far.</summary>
    public long Groups { get; private set; }

    /// <summary>Carries work out in the next group.</summary>
    /// <param name="work">Runs on the writer's thread; may run twice when another work of its group fails.</param>
    /// <param name="committed">
    /// Runs on the writer's thread when the group is durable and before readers see it, in the order of the works; must be
    /// short and not throw.
    /// </param>
    /// <param name="visible">The same when readers see the group, before the work is answered.</param>
    /// <returns>The work's result once it is durable.</returns>
    /// <exception cref="RelayException">The work refused, or too much is waiting.</exception>
    /// <exception cref="StorageException">The group could not be committed.</exception>
    public Task<T> RunAsync<T>(Func<TTables, T> work, Action<T>? committed = null, Action<T>? visible = null)
    {
        var job = new Job<T>(work, committed, visible);
        lock (_gate)
        {
            if (_stopping || _waiting.Count >= MaxWaiting)
                return Task.FromException<T>(new RelayException(RelayProblem.Unavailable));
            _waiting.Add(job);
        }

        _arrived.Set();
        return job.Task;
    }

    /// <summary>Writes a little, so that health says how the disk is now: a group that changed nothing tells nothing.</summary>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public Task ProbeAsync() => RunAsync(_ =>
    {
        var version = _connection.Scalar("PRAGMA user_version");
        _connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version={version}"));
        return true;
    }, _ => _health.Set(null));

    /// <summary>Carries out what waits, then closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
            _stopping = true;
        _arrived.Set();
        await _ended.Task.ConfigureAwait(false);
        _connection.Dispose();
        _arrived.Dispose();
    }

    private void WriteGroups()
    {
        var group = new List<Job>();
        while (TakeGroup(ref group))
        {
            while (group.Count > 0 && !TryCommit(group))
            {
                // A work of the group threw and is out of it; the rest is carried out again.
            }

            group.Clear();
        }

        _ended.SetResult();
    }

    private bool TakeGroup(ref List<Job> group)
    {
        while (true)
        {
            lock (_gate)
            {
                if (_waiting.Count > 0)
                {
                    (group, _waiting) = (_waiting, group);
                    return true;
                }

                if (_stopping)
                    return false;
            }

            _arrived.WaitOne();
        }
    }

    /// <returns>False when one job threw, which is then answered and no longer in the group.</returns>
    private bool TryCommit(List<Job> group)
    {
        Job? current = null;
        var before = _connection.TotalChanges;
        try
        {
            _begin.Start().Run();
            _tables.BeginGroup();
            foreach (var job in group)
            {
                current = job;
                job.Execute(_tables);
            }

            current = null;
            _commit.Start().Run();
        }
        catch (StorageException trouble) when (current is null || trouble.Failure != StorageFailure.Rule)
        {
            RollBack();
            _health.Set(trouble);
            FailAll(group, trouble);
            return true;
        }
        catch (Exception unexpected) when (current is not null)
        {
            RollBack();
            current.Fail(unexpected);
            group.Remove(current);
            return false;
        }

        Groups++;
        if (_connection.TotalChanges != before)
            _health.Set(null);
        foreach (var job in group)
            job.Committed();
        _tables.GroupCommitted();
        foreach (var job in group)
            job.Answer();
        return true;
    }

    private void RollBack()
    {
        _connection.RollBack();
        _tables.GroupRolledBack();
    }

    private static void FailAll(List<Job> group, StorageException trouble)
    {
        foreach (var job in group)
            job.Fail(trouble);
    }

    private abstract class Job
    {
        public abstract void Execute(TTables tables);

        public abstract void Committed();

        public abstract void Answer();

        public abstract void Fail(Exception reason);
    }

    private sealed class Job<T>(Func<TTables, T> work, Action<T>? committed, Action<T>? visible) : Job
    {
        private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;
        private RelayException? _refusal;

        public Task<T> Task => _answer.Task;

        public override void Execute(TTables tables)
        {
            try
            {
                _refusal = null;
                _result = work(tables);
            }
            catch (RelayException refusal)
            {
                _refusal = refusal;
            }
        }

        public override void Committed()
        {
            if (_refusal is null)
                committed?.Invoke(_result!);
        }

        public override void Answer()
        {
            if (_refusal is not null)
            {
                _answer.SetException(_refusal);
                return;
            }

            Debug.Assert(_result is not null || default(T) is null, "the work ran before it is answered");
            visible?.Invoke(_result!);
            _answer.SetResult(_result!);
        }

        public override void Fail(Exception reason) => _answer.SetException(reason);
    }
}
