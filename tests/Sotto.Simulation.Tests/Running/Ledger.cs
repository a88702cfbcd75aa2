using Sotto.Wire.Records;

namespace Sotto.Simulation.Tests.Running;

/// <summary>Notes under which key everything was encrypted, and finds keys that were used for two messages which left a client.</summary>
internal sealed class Ledger(ICryptoProvider inner) : PassingProvider(inner)
{
    private const int NameLength = 32;

    private readonly Dictionary<string, string> _keys = [];
    private readonly Dictionary<string, string> _left = [];
    private readonly Dictionary<string, string> _arrived = [];
    private readonly Lock _gate = new();

    /// <summary>
    /// An old copy of a profile is at work: what the newest one sent and the relay never got, nobody can tell it of. From here on
    /// counts what arrived.
    /// </summary>
    public bool MeetsOldCopies { get; set; }

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
        if (!MeetsOldCopies)
            Note(message, _left, "A key was used for two messages that left.");
    }

    /// <summary>The relay has it.</summary>
    public void Arrives(ReadOnlySpan<byte> message) => Note(message, _arrived, "A key was used for two messages that the relay has.");

    /// <summary>The relay lost what arrived. Who went back to an old copy as well finds nothing there that would tell.</summary>
    public void Forget() => _arrived.Clear();

    private void Note(ReadOnlySpan<byte> message, Dictionary<string, string> known, string finding)
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
            else if (!known.TryAdd(key, name) && known[key] != name)
                Finding ??= finding;
        }
    }

    private static string NameOf(ReadOnlySpan<byte> ciphertext) => Convert.ToHexString(ciphertext[..NameLength]);
}
