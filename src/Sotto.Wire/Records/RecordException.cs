namespace Sotto.Wire.Records;

/// <summary>Bytes that are no record of this contract. The text names the record and holds none of its bytes.</summary>
public sealed class RecordException(string what) : Exception($"The {what} cannot be read.");
