using Sotto.Relay.Hosting;
using Sotto.Relay.Tests.Running;

namespace Sotto.Relay.Tests.Hosting;

/// <summary>What a relay remembers of itself outside of the databases.</summary>
public sealed class RelayStateTests
{
    [Fact]
    public async Task A_client_may_ask_for_a_statement_while_the_relay_notes_where_it_listens()
    {
        using var folder = new RelayFolder();
        var state = RelayState.Open(folder.Path);
        var numbers = new System.Collections.Concurrent.ConcurrentBag<ulong>();
        await Parallel.ForAsync(0, 200, TestContext.Current.CancellationToken, (i, _) =>
        {
            if (i % 2 == 0)
                numbers.Add(state.NextStatementNumber(DateTimeOffset.UnixEpoch));
            else
                state.Listens(new($"127.0.0.1:{i}", new("http://127.0.0.1"), null));
            return ValueTask.CompletedTask;
        });

        Assert.Equal(100, numbers.Distinct().Count());
        Assert.Equal(numbers.Max() + 1, RelayState.Open(folder.Path).NextStatementNumber(DateTimeOffset.UnixEpoch));
        Assert.NotNull(RelayState.Open(folder.Path).Place);
    }
}
