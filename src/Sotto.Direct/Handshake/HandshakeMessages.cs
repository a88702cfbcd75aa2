using System.Text;
using Sotto.Direct.Exchange;
using Sotto.Direct.Identities;
using Sotto.Direct.Wire;

namespace Sotto.Direct.Handshake;

/// <summary>
/// Frame 1, joiner to host: <c>"sotto-d" | version 1 | uint8 n, n exchange methods | uint8 0 or 1, then invite tag[8] when 1</c>.
/// </summary>
internal sealed record JoinHello(IReadOnlyList<ExchangeMethod> Methods, byte[]? InviteTag)
{
    public const int InviteTagLength = 8;
    private const byte Version = 1;

    public byte[] Encode()
    {
        var writer = new WireWriter(new byte[7 + 1 + 1 + Methods.Count + 1 + InviteTagLength]);
        writer.Bytes("sotto-d"u8);
        writer.Byte(Version);
        writer.Byte((byte)Methods.Count);
        foreach (var method in Methods)
            writer.Byte((byte)method);
        writer.Byte(InviteTag is null ? (byte)0 : (byte)1);
        writer.Bytes(InviteTag);
        return writer.Written.ToArray();
    }

    public static JoinHello Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        if (!reader.Bytes(7).SequenceEqual("sotto-d"u8))
            throw DirectException.Malformed("a greeting");
        if (reader.Byte() != Version)
            throw new DirectException(DirectFailure.Unsupported, "The other side speaks another version of direct mode.");
        var methods = reader.Bytes(reader.Byte()).ToArray();
        var tag = reader.Byte() switch
        {
            0 => null,
            1 => reader.Bytes(InviteTagLength).ToArray(),
            _ => throw DirectException.Malformed("a greeting"),
        };
        return reader.AtEnd ? new([.. methods.Select(m => (ExchangeMethod)m)], tag) : throw DirectException.Malformed("a greeting");
    }
}

/// <summary>Frame 2, host to joiner: <c>uint8 method | public key&lt;V16&gt; | commitment[32]</c>.</summary>
internal sealed record HostOffer(ExchangeMethod Method, byte[] PublicKey, byte[] Commitment)
{
    public byte[] Encode()
    {
        var writer = new WireWriter(new byte[1 + 2 + PublicKey.Length + 32]);
        writer.Byte((byte)Method);
        writer.Vector(PublicKey);
        writer.Bytes(Commitment);
        return writer.Written.ToArray();
    }

    public static HostOffer Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        var offer = new HostOffer((ExchangeMethod)reader.Byte(), reader.Vector().ToArray(), reader.Bytes(32).ToArray());
        return reader.AtEnd ? offer : throw DirectException.Malformed("an offer");
    }
}

/// <summary>Frame 3, joiner to host: <c>ciphertext&lt;V16&gt; | sealed introduction</c>.</summary>
internal readonly ref struct JoinReply(ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> introduction)
{
    public ReadOnlySpan<byte> Ciphertext { get; } = ciphertext;

    public ReadOnlySpan<byte> Introduction { get; } = introduction;

    public byte[] Encode()
    {
        var writer = new WireWriter(new byte[2 + Ciphertext.Length + Introduction.Length]);
        writer.Vector(Ciphertext);
        writer.Bytes(Introduction);
        return writer.Written.ToArray();
    }

    public static JoinReply Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        var reply = new JoinReply(reader.Vector(), reader.Rest());
        return reader.AtEnd ? reply : throw DirectException.Malformed("a reply");
    }
}

/// <summary>
/// What each side says of itself inside its sealed part: <c>nonce[32] | identity key[32] | name&lt;V16&gt;</c>. The joiner's
/// leaves before the host's nonce is opened, or its key could be chosen to fit a code.
/// </summary>
internal sealed record Introduction(byte[] Nonce, byte[] Key, string Name)
{
    public const int NonceLength = 32;

    public byte[] Encode()
    {
        var name = Encoding.UTF8.GetBytes(Name);
        return [.. Nonce, .. Key, (byte)(name.Length >> 8), (byte)name.Length, .. name];
    }

    public static Introduction Decode(ref WireReader reader)
    {
        var nonce = reader.Bytes(NonceLength).ToArray();
        var key = reader.Bytes(32).ToArray();
        var name = reader.Vector();
        if (name.IsEmpty || name.Length > PublicIdentity.MaxNameLength || !System.Text.Unicode.Utf8.IsValid(name))
            throw DirectException.Malformed("a name");
        return new(nonce, key, Encoding.UTF8.GetString(name));
    }
}
