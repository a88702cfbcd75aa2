using Sotto.Direct.Invites;
using Sotto.Direct.Sessions;
using Sotto.Terminal.Commands;

namespace Sotto.Terminal.Direct;

internal static class PaperRun {
    public static Task<int> HostAsync(DirectCall call, HostSettings h, CancellationToken ct) => throw new UsageException("no");

    public static Task<int> JoinAsync(DirectCall call, HostAddress a, StdinLines i, CancellationToken ct) => throw new UsageException("no");
}
