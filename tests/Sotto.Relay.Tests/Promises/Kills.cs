namespace Sotto.Relay.Tests.Promises;

/// <summary>How often the kill tests kill: the soak programme says a number of its own.</summary>
internal static class Kills
{
    public static int Count { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("SOTTO_KILLS"), out var count) ? count
        : Environment.GetEnvironmentVariable("SOTTO_TIER") == "all" ? 20
        : 5;
}
