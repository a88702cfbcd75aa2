namespace Sotto.Mls.Tests.Properties;

/// <summary>
/// A provider that notes what is encrypted under which key. No key and nonce may meet twice, and no key whose ciphertext
/// left a client may be used for another one that leaves, unless the ciphertext is the very same.
/// </summary>
internal sealed class NotingProvider(ICryptoProvider inner) : PassingProvider(inner)
{
    private readonly Dictionary<string, string> _sealed = [];
    private readonly Dictionary<string, string> _released = [];
    private readonly List<(string Key, string Ciphertext)> _current = [];

    /// <summary>An operation begins that may encrypt something.</summary>
    public void Begin() => _current.Clear();

    /// <summary>What was encrypted since the beginning leaves the client.</summary>
    public void Release() => Assert.All(
        _current, sent => Assert.True(_released.TryAdd(sent.Key, sent.Ciphertext) || _released[sent.Key] == sent.Ciphertext, "A key was used for two messages that were sent."));

    public override void AeadSeal(AeadAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        base.AeadSeal(algorithm, key, nonce, associatedData, plaintext, ciphertext);
        var (name, made) = ($"{Convert.ToHexString(key)} {Convert.ToHexString(nonce)}", Convert.ToHexString(ciphertext));
        lock (_sealed)
        {
            _current.Add((Convert.ToHexString(key), made));
            Assert.True(_sealed.TryAdd(name, made) || _sealed[name] == made, "A key was used twice with one nonce.");
        }
    }
}
