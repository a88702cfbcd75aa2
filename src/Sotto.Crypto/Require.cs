namespace Sotto.Crypto;

/// <summary>Length rules for a caller's own arguments. A peer's lengths are a <see cref="CryptoException"/> instead.</summary>
internal static class Require
{
    public static void Length(ReadOnlySpan<byte> argument, int length, string name)
    {
        if (argument.Length != length)
            throw new ArgumentException($"Must be {length} bytes, is {argument.Length}.", name);
    }

    public static void AtLeast(ReadOnlySpan<byte> argument, int length, string name)
    {
        if (argument.Length < length)
            throw new ArgumentException($"Must be at least {length} bytes, is {argument.Length}.", name);
    }

    public static void AtMost(ReadOnlySpan<byte> argument, int length, string name)
    {
        if (argument.Length > length)
            throw new ArgumentException($"Must be at most {length} bytes, is {argument.Length}.", name);
    }
}
