using Sotto.Wire.Records;

namespace Sotto.Simulation.Tests.Running;

/// <summary>Notes under which key everything was encrypted, and finds keys that were used for two messages which left a client.</summary>
internal sealed class Ledger(ICryptoProvider inner) : PassingProvider(inner)
{
    private const int NameLength = 32;

    private readonly Dictionary<string, string> _keys = [];
    private readonly Dictionary<string, string> _left = [];
    private readonly Lock _gate = new();

    /// <summary>How many different messages left.</summary>
    public int Count => _left.Count;

    /// <summary>What was found; null as long as all is well.</summary>
    public string? Finding { get; private set; }

    public override void AeadSeal(AeadAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        base.AeadSeal(algorithm, key, nonce, associatedData, plaintext, ciphertext);
        if (ciphertext.Length < NameLength)
            return;
        lock (_gate)
            _keys[NameOf(ciphertext)] = Convert.ToHexString(key);
    }

    /// <summary>
    /// An MLS message is on its way to the relay, whether or not it arrives. The key of a content is used once at all, so that a
    /// key used twice is a finding whatever the reuse guard made of the nonce.
    /// </summary>
    public void Leaves(ReadOnlySpan<byte> message)
    {
        const int versionAndFormat = 4;
        const int epochAndType = 9;
        var reader = new TlsReader(message[versionAndFormat..]);
        reader.Vector();
        for (var i = 0; i < epochAndType; i++)
            reader.Byte();
        reader.Vector();
        reader.Vector();
        var name = NameOf(reader.Vector());
        lock (_gate)
        {
            if (!_keys.TryGetValue(name, out var key))
                Finding ??= "A message left that nobody encrypted.";
            else if (!_left.TryAdd(key, name) && _left[key] != name)
                Finding ??= "A key was used for two messages that left.";
        }
    }

    private static string NameOf(ReadOnlySpan<byte> ciphertext) => Convert.ToHexString(ciphertext[..NameLength]);
}
