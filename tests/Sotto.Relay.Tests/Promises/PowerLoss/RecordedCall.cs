namespace Sotto.Relay.Tests.Promises.PowerLoss;

/// <summary>What a process did to its disk, in the order in which it happened.</summary>
internal abstract record RecordedCall(string Path);

/// <summary>Bytes at a place of a file.</summary>
internal sealed record Written(string Path, long Offset, byte[] Bytes) : RecordedCall(Path);

/// <summary>A file's length was set.</summary>
internal sealed record Truncated(string Path, long Length) : RecordedCall(Path);

/// <summary>A flush of a file or folder began; what was written before is durable when it ends.</summary>
internal sealed record FlushBegan(string Path, int Call) : RecordedCall(Path);

/// <summary>The flush ended.</summary>
internal sealed record FlushEnded(string Path, int Call) : RecordedCall(Path);

/// <summary>A file got another name.</summary>
internal sealed record Renamed(string Path, string To) : RecordedCall(Path);

/// <summary>A name went away.</summary>
internal sealed record Unlinked(string Path) : RecordedCall(Path);
