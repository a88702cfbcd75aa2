namespace Sotto.Terminal.Relay;

/// <summary>The relay could not start; the text says what stands in the way.</summary>
internal sealed class RelayStartException(string message, int exitCode) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
