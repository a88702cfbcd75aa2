namespace Sotto.Terminal.Commands;

/// <summary>The command was called in a way that cannot work; the text says what to type instead.</summary>
internal sealed class UsageException(string message) : Exception(message);
