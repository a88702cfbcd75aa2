using Sotto.Crypto;
using Sotto.Direct.Exchange;
using Sotto.Direct.Identities;

namespace Sotto.Direct.Handshake;

/// <summary>Which side of a direct conversation this is.</summary>
public enum DirectRole
{
    /// <summary>Listens, makes the invite, leads exchanges.</summary>
    Host,

    /// <summary>Connects.</summary>
    Joiner,
}

/// <summary>What a finished handshake proved and made. The owner disposes it, and with it the root secret.</summary>
internal sealed class HandshakeResult(Secret root, byte[] transcript, PublicIdentity peer, SpokenCode code, ExchangeMethod method, bool byInvite) : IDisposable
{
    /// <summary>The secret that both chains start from.</summary>
    public Secret Root { get; } = root;

    /// <summary>The hash of all that was said; later exchanges sign on top of it.</summary>
    public ReadOnlyMemory<byte> Transcript { get; } = transcript;

    public PublicIdentity Peer { get; } = peer;

    public SpokenCode Code { get; } = code;

    public ExchangeMethod Method { get; } = method;

    /// <summary>Both sides proved that they hold the invite's secret, and the host that it is the one the invite names.</summary>
    public bool ByInvite { get; } = byInvite;

    public void Dispose() => Root.Dispose();
}
