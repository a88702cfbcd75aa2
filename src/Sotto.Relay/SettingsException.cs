namespace Sotto.Relay;

/// <summary>The operator's settings cannot be used; the text says which and what to write instead.</summary>
public sealed class SettingsException(string message) : Exception(message);
