using Sotto.Mls.Framing;
using Sotto.Mls.Suites;

namespace Sotto.Mls.Ratchets;

/// <summary>A sender's two ratchets (RFC 9420 §9): one for proposals and commits, one for application messages.</summary>
internal sealed record SenderRatchets(HashRatchet Handshake, HashRatchet Application) : IDisposable
{
    public static SenderRatchets Derive(SuiteCrypto crypto, ReadOnlySpan<byte> leafSecret)
    {
        using var leaf = crypto.Open(leafSecret);
        return new SenderRatchets(new HashRatchet(leaf.Derive("handshake"u8), 0, []), new HashRatchet(leaf.Derive("application"u8), 0, []));
    }

    public HashRatchet this[ContentType type] => type == ContentType.Application ? Application : Handshake;

    public SenderRatchets With(ContentType type, HashRatchet ratchet) =>
        type == ContentType.Application ? this with { Application = ratchet } : this with { Handshake = ratchet };

    public void Write(TlsWriter writer)
    {
        Handshake.Write(writer);
        Application.Write(writer);
    }

    public static SenderRatchets Read(SuiteCrypto crypto, ref TlsReader reader)
    {
        var handshake = HashRatchet.Read(crypto, ref reader);
        try
        {
            return new(handshake, HashRatchet.Read(crypto, ref reader));
        }
        catch
        {
            handshake.Wipe();
            throw;
        }
    }

    public void Dispose()
    {
        Handshake.Wipe();
        Application.Wipe();
    }
}
