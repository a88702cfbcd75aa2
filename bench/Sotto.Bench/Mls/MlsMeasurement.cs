using System.Diagnostics;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Proposals;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Bench.Mls;

/// <summary>One operation at one group size: the times of its repetitions in milliseconds, and what it wrote.</summary>
internal sealed record MlsFigure(string Operation, int Members, IReadOnlyList<double> Milliseconds, long Bytes, long Allocated, long Saved)
{
    public double Median => Timing.Median(Milliseconds);

    public double Low => Percentile(0.1);

    public double High => Percentile(0.9);

    private double Percentile(double share) => Milliseconds.Order().ElementAt((int)Math.Min(Milliseconds.Count - 1, share * Milliseconds.Count));
}

/// <summary>The operations that the peers' scripts measure, under the same names, on our library.</summary>
internal sealed class MlsMeasurement(CipherSuite suite, bool quick) : IDisposable
{
    private const int StoredSize = 100;

    private readonly List<(MlsMember Member, KeyPackageKeys Keys, byte[] Bytes)> _pool = [];

    public IEnumerable<MlsFigure> Small()
    {
        using var member = new MlsMember(suite, "one");
        yield return Repeat("key_package", 1, () =>
        {
            using var keys = member.NewKeyPackage();
            return MlsMessage.Of(keys.KeyPackage).Encoded.Length;
        }, () =>
        {
            using var keys = member.NewKeyPackage();
            return keys.Encode().Length;
        });
        yield return Repeat("create_group", 1, () =>
        {
            member.Create(new byte[16]);
            member.Group.Dispose();
            return 0;
        }, () => member.SavedBytes);
    }

    /// <summary>Everything at one size, on a group whose members were added by one commit.</summary>
    public IEnumerable<MlsFigure> Cold(int size)
    {
        Fill(size);
        var keyPackages = _pool.Take(size - 1).Select(other => other.Bytes).ToList();
        using var alice = new MlsMember(suite, "alice");
        byte[] welcome = [];
        yield return Repeat("add_all", size, () =>
        {
            alice.Group?.Dispose();
            alice.Create(new byte[16]);
            (var commit, welcome) = alice.Add(keyPackages);
            return commit.Length;
        }, () => alice.SavedBytes);

        var (bob, bobKeys, _) = _pool[size - 2];
        yield return Repeat("join", size, () =>
        {
            bob.Join(welcome, bobKeys);
            return welcome.Length;
        }, () => bob.SavedBytes);

        foreach (var figure in Update("cold", size, alice, bob))
            yield return figure;
        foreach (var figure in Messages(size, alice, bob))
            yield return figure;
        if (size > 2)
        {
            foreach (var figure in RemoveAndAdd(size, alice, bob))
                yield return figure;
        }
    }

    /// <summary>An update in a group in which every member has committed once.</summary>
    public IEnumerable<MlsFigure> Warm(int size)
    {
        Fill(size);
        using var first = new MlsMember(suite, "alice");
        first.Create(new byte[16]);
        var last = first;
        for (var i = 0; i < size - 1; i++)
        {
            last.Commit();
            var (_, welcome) = last.Add([_pool[i].Bytes]);
            _pool[i].Member.Join(welcome, _pool[i].Keys);
            last = _pool[i].Member;
        }

        last.Commit();
        var (other, keys, bytes) = New();
        using (other)
        using (keys)
        {
            var (_, welcome) = last.Add([bytes]);
            other.Join(welcome, keys);
            last.Receive(other.Commit().Commit);
            foreach (var figure in Update("warm", size + 1, last, other))
                yield return figure with { Members = size };
        }
    }

    public void Dispose()
    {
        foreach (var (member, keys, _) in _pool)
        {
            member.Dispose();
            keys.Dispose();
        }
    }

    private IEnumerable<MlsFigure> Update(string tree, int size, MlsMember alice, MlsMember bob)
    {
        using var alices = alice.Snapshot();
        using var bobs = bob.Snapshot();
        byte[] commit = [];
        yield return Repeat($"create_update_{tree}", size, () => (commit = alice.Commit().Commit).Length, () => alice.SavedBytes, () => alice.Return(alices));
        yield return Repeat($"process_update_{tree}", size, () =>
        {
            bob.Receive(commit);
            return commit.Length;
        }, () => bob.SavedBytes, () => bob.Return(bobs));
        bob.Return(bobs);
        bob.Receive(commit);
    }

    private IEnumerable<MlsFigure> Messages(int size, MlsMember alice, MlsMember bob)
    {
        var data = new byte[1024];
        var count = quick ? 500 : 5_000;
        for (var i = 0; i < (quick ? 500 : 20_000); i++)
            bob.Receive(alice.Protect(data));

        var messages = new byte[count][];
        var protect = Each("protect_1k", size, count, i => messages[i] = alice.Protect(data), () => alice.SavedBytes);
        yield return protect with { Bytes = messages[0].Length };
        yield return Each("unprotect_1k", size, count, i => bob.Receive(messages[i]), () => bob.SavedBytes) with { Bytes = messages[0].Length };
        if (size == StoredSize)
        {
            foreach (var figure in StoredMessages(size, alice, bob, data))
                yield return figure;
        }
    }

    /// <summary>The same with the state on a disk before a message leaves or is shown.</summary>
    private IEnumerable<MlsFigure> StoredMessages(int size, MlsMember alice, MlsMember bob, byte[] data)
    {
        var messages = new byte[quick ? 200 : 2_000][];
        foreach (var member in new[] { alice, bob })
        {
            using var file = new StateFile();
            member.File = file;
            yield return member == alice
                ? Each("protect_1k_stored", size, messages.Length, i => messages[i] = alice.Protect(data), () => alice.SavedBytes)
                : Each("unprotect_1k_stored", size, messages.Length, i => bob.Receive(messages[i]), () => bob.SavedBytes);
            member.File = null;
        }
    }

    private IEnumerable<MlsFigure> RemoveAndAdd(int size, MlsMember alice, MlsMember bob)
    {
        var removed = new RemoveProposal(new LeafIndex(1));
        var (commit, _) = alice.Commit(new CommitParameters { Proposals = [removed] });
        using var bobs = bob.Snapshot();
        yield return Repeat("process_remove", size, () =>
        {
            bob.Receive(commit);
            return commit.Length;
        }, () => bob.SavedBytes, () => bob.Return(bobs));

        using var alices = alice.Snapshot();
        var (other, keys, bytes) = New();
        using (other)
        using (keys)
            yield return Repeat("add_one", size, () => alice.Add([bytes]).Commit.Length, () => alice.SavedBytes, () => alice.Return(alices));
    }

    private void Fill(int size)
    {
        while (_pool.Count < size - 1)
            _pool.Add(New());
    }

    private (MlsMember Member, KeyPackageKeys Keys, byte[] Bytes) New()
    {
        var member = new MlsMember(suite, $"member {_pool.Count}");
        var keys = member.NewKeyPackage();
        return (member, keys, MlsMessage.Of(keys.KeyPackage).Encoded.ToArray());
    }

    /// <summary>Repeats an operation for a while, each time from the same state.</summary>
    private MlsFigure Repeat(string operation, int members, Func<int> work, Func<long>? saved = null, Action? restore = null)
    {
        var times = new List<double>();
        long bytes = 0;
        long allocated = 0;
        var begun = Stopwatch.GetTimestamp();
        work();
        while (times.Count < 3 || (times.Count < 200 && Stopwatch.GetElapsedTime(begun).TotalSeconds < (quick ? 0.3 : 1.5)))
        {
            restore?.Invoke();
            var before = GC.GetTotalAllocatedBytes(precise: true);
            var start = Stopwatch.GetTimestamp();
            bytes = work();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        }

        return new MlsFigure(operation, members, times, bytes, allocated, saved?.Invoke() ?? 0);
    }

    /// <summary>Many different operations in a row; the clock is read once for each fifty.</summary>
    private static MlsFigure Each(string operation, int members, int count, Action<int> work, Func<long> saved)
    {
        const int batch = 50;
        var times = new List<double>();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var done = 0; done < count; done += batch)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = done; i < done + batch; i++)
                work(i);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds / batch);
        }

        return new MlsFigure(operation, members, times, 0, (GC.GetTotalAllocatedBytes(precise: true) - before) / count, saved());
    }
}
