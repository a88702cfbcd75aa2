using Sotto.Direct.Sessions;
using Sotto.Terminal.Commands;

namespace Sotto.Terminal.Direct;

internal static class ScreenChat {
    public static Task<int> RunAsync(DirectCall call, DirectSession session, CancellationToken ct) => throw new UsageException("no");
}
