using Sotto.Crypto;
using Sotto.Direct.Handshake;

namespace Sotto.Direct.Links;

/// <summary>
/// One direction's keys between two exchanges: an HKDF chain that gives each message a Fernet key of its own and forgets
/// what it gave. The owner disposes it.
/// </summary>
internal sealed class MessageChain : IDisposable
{
    private readonly ICryptoProvider _crypto;
    private Secret _key;

    public MessageChain(ICryptoProvider crypto, Secret root, DirectRole sender)
    {
        _crypto = crypto;
#if DEFENCES
        if (Defence.KeyPerDirection.IsOff())
            sender = DirectRole.Host;
        if (Defence.KeyPerExchange.IsOff())
        {
            using var constant = Secret.Create(Schedule.KeyLength, out _);
            _key = Schedule.Derive(crypto, constant, Label(sender), default);
            return;
        }
#endif
        _key = Schedule.Derive(crypto, root, Label(sender), default);
    }

    /// <summary>The number of the next message: how many keys were given.</summary>
    public ulong Counter { get; private set; }

    /// <summary>The next message's Fernet key: signing key, then encryption key. The caller zeroes it.</summary>
    public void NextKey(Span<byte> fernetKey)
    {
        Schedule.Derive(_crypto, _key.Bytes, "message", default, fernetKey);
        Counter++;
#if DEFENCES
        if (Defence.KeyPerMessage.IsOff())
            return;
#endif
        var next = Schedule.Derive(_crypto, _key, "chain", default);
        _key.Dispose();
        _key = next;
    }

    public void Dispose() => _key.Dispose();

    private static string Label(DirectRole sender) => sender == DirectRole.Host ? "host to joiner" : "joiner to host";
}
