namespace Sotto.EndToEnd.Tests.Running;

internal static class Limits
{
    /// <summary>How long a test waits for something that must come. It is no measurement: a busy machine may need most of it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
}
