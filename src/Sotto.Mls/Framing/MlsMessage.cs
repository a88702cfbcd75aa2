using System.Buffers.Binary;
using Sotto.Mls.Groups;
using Sotto.Mls.KeyPackages;

namespace Sotto.Mls.Framing;

/// <summary>
/// What travels between clients (RFC 9420 §6): a public or private message, a Welcome, a GroupInfo or a KeyPackage.
/// That it parses is all that is known of it.
/// </summary>
public sealed class MlsMessage
{
    // Version and wire format.
    private const int HeadLength = 4;

    private readonly object _body;

    private MlsMessage(WireFormat format, object body, ReadOnlyMemory<byte> encoded)
    {
        Format = format;
        _body = body;
        Encoded = encoded;
    }

    /// <summary>What it holds.</summary>
    public WireFormat Format { get; }

    /// <summary>The whole message.</summary>
    public ReadOnlyMemory<byte> Encoded { get; }

    /// <summary>The group that a public or private message or a GroupInfo says it is for; null for the others.</summary>
    public GroupId? GroupId => _body switch
    {
        PublicMessage message => message.Content.Content.GroupId,
        PrivateMessage message => message.GroupId,
        GroupInfo info => info.Context.GroupId,
        _ => null,
    };

    /// <summary>The epoch that a public or private message or a GroupInfo says it is of; null for the others.</summary>
    public Epoch? Epoch => _body switch
    {
        PublicMessage message => message.Content.Content.Epoch,
        PrivateMessage message => message.Epoch,
        GroupInfo info => info.Context.Epoch,
        _ => null,
    };

    /// <summary>What kind of content a public or private message says it has; null for the others.</summary>
    public ContentType? ContentType => _body switch
    {
        PublicMessage message => message.Content.Content.Type,
        PrivateMessage message => message.ContentType,
        _ => null,
    };

    /// <summary>The Welcome; null when it is something else.</summary>
    public Welcome? Welcome => _body as Welcome;

    /// <summary>The GroupInfo; null when it is something else.</summary>
    public GroupInfo? GroupInfo => _body as GroupInfo;

    /// <summary>The KeyPackage; null when it is something else.</summary>
    public KeyPackage? KeyPackage => _body as KeyPackage;

    internal PublicMessage? PublicMessage => _body as PublicMessage;

    internal PrivateMessage? PrivateMessage => _body as PrivateMessage;

    /// <summary>Parses a message within the default limits. The bytes are copied.</summary>
    /// <exception cref="MlsException">They are not one message and nothing else, or too many.</exception>
    public static MlsMessage Decode(ReadOnlySpan<byte> encoded) => Decode(encoded, MlsLimits.Default);

    /// <summary>Parses a message. The bytes are copied, once their number is known to be within the limits.</summary>
    /// <exception cref="MlsException">They are not one message and nothing else, or too many.</exception>
    public static MlsMessage Decode(ReadOnlySpan<byte> encoded, MlsLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        Check.That(encoded.Length <= HeadLength || encoded.Length <= limits.LengthOf(FormatOf(encoded)), MlsRule.MessageLength);
        var reader = new TlsReader(encoded.ToArray());
        Check.That(reader.ReadUInt16() == ProtocolVersion.Mls10, MlsRule.MessageVersion);
        var format = (WireFormat)reader.ReadUInt16();
        object body = format switch
        {
            WireFormat.PublicMessage => PublicMessage.Read(ref reader),
            WireFormat.PrivateMessage => PrivateMessage.Read(ref reader),
            WireFormat.Welcome => Groups.Welcome.Read(ref reader),
            WireFormat.GroupInfo => Groups.GroupInfo.Read(ref reader),
            WireFormat.KeyPackage => KeyPackages.KeyPackage.Read(ref reader),
            _ => throw new MlsException(MlsRule.KnownWireFormat),
        };
        reader.End();
        Check.That(body is not KeyPackages.KeyPackage { Version: not ProtocolVersion.Mls10 }, MlsRule.KeyPackageVersion);
        return new MlsMessage(format, body, reader.Since(0));
    }

    /// <summary>Frames a Welcome.</summary>
    public static MlsMessage Of(Welcome welcome)
    {
        ArgumentNullException.ThrowIfNull(welcome);
        return Frame(WireFormat.Welcome, welcome, welcome.Write, welcome.EncryptedGroupInfo.Length + 2048);
    }

    /// <summary>Frames a GroupInfo.</summary>
    public static MlsMessage Of(GroupInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        return Frame(WireFormat.GroupInfo, info, writer => writer.WriteFixed(info.Encoded.Span), info.Encoded.Length + 8);
    }

    /// <summary>Frames a KeyPackage.</summary>
    public static MlsMessage Of(KeyPackage keyPackage)
    {
        ArgumentNullException.ThrowIfNull(keyPackage);
        return Frame(WireFormat.KeyPackage, keyPackage, keyPackage.Write, keyPackage.Encoded.Length + 8);
    }

    internal static MlsMessage Of(PublicMessage message) => Frame(WireFormat.PublicMessage, message, message.Write, 2048);

    internal static MlsMessage Of(PrivateMessage message) =>
        Frame(WireFormat.PrivateMessage, message, message.Write, message.Ciphertext.Length + message.AuthenticatedData.Length + 128);

    private static WireFormat FormatOf(ReadOnlySpan<byte> encoded) => (WireFormat)BinaryPrimitives.ReadUInt16BigEndian(encoded[2..HeadLength]);

    private static MlsMessage Frame(WireFormat format, object body, Action<TlsWriter> write, int capacity)
    {
        var writer = new TlsWriter(capacity);
        writer.WriteUInt16(ProtocolVersion.Mls10);
        writer.WriteUInt16((ushort)format);
        write(writer);
        return new MlsMessage(format, body, writer.Finish());
    }
}
