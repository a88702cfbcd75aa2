namespace Sotto.Mls.Suites;

/// <summary>The number of a cipher suite (RFC 9420 §5.1, §17.1).</summary>
/// <param name="Value">As on the wire.</param>
public readonly record struct CipherSuiteId(ushort Value)
{
    /// <summary>The number in hexadecimal.</summary>
    public override string ToString() => $"0x{Value:X4}";
}
