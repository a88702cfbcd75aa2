using Sotto.Wire;

namespace Sotto.Client.Accounts;

/// <summary>An account: the hash of its genesis record. Whoever knows it can check every key of the account.</summary>
/// <param name="Value">The 32 bytes.</param>
public readonly record struct AccountId(Bytes32 Value)
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    private const int ShownBytes = 20;

    /// <summary>The first 160 bits in base32 (RFC 4648 §6, lower case): what people see.</summary>
    public override string ToString()
    {
        var bytes = Value.ToArray().AsSpan(0, ShownBytes);
        Span<char> shown = stackalloc char[ShownBytes * 8 / 5];
        for (var i = 0; i < shown.Length; i++)
        {
            var bit = i * 5;
            var window = (bytes[bit / 8] << 8) | (bit / 8 + 1 < bytes.Length ? bytes[bit / 8 + 1] : 0);
            shown[i] = Alphabet[(window >> (11 - bit % 8)) & 31];
        }

        return new string(shown);
    }
}
