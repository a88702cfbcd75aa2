using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Sotto.Relay.Tests.Running;

/// <summary>One event as a logger got it.</summary>
public sealed record LoggedEvent(LogLevel Level, string? Name, string Text, IReadOnlyDictionary<string, object?> Fields);

/// <summary>Keeps what is logged, at every level.</summary>
public sealed class CollectedLog : ILoggerFactory, ILogger
{
    public ConcurrentQueue<LoggedEvent> Events { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var fields = (IReadOnlyList<KeyValuePair<string, object?>>)state!;
        Events.Enqueue(new(logLevel, eventId.Name, formatter(state, exception) + exception, fields.ToDictionary()));
    }

    public void Dispose()
    {
        // Nothing is open.
    }
}
