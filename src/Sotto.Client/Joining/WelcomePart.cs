using System.Text;
using Sotto.Crypto;
using Sotto.Mls;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Wire;
using Sotto.Wire.Records;

namespace Sotto.Client.Joining;

/// <summary>
/// What one new device gets of a Welcome, sealed to its intro channel: <c>uint8 format = 1; opaque new_member&lt;V&gt;,
/// kem_output&lt;V&gt;, ciphertext&lt;V&gt;; opaque relay_url&lt;V&gt;; opaque relay_fingerprint[16], channel[16]; uint64 commit_sequence;
/// opaque blob[16], blob_capability[32], blob_hash[32], claim_token[32]</c>. The blob is <c>opaque encrypted_group_info&lt;V&gt;</c>
/// and zeros.
/// </summary>
internal sealed record WelcomePart
{
    /// <summary>The kind of an intro content that is one.</summary>
    public const byte IntroKind = 1;

    private const byte Format = 1;
    private const int LongestUrl = 512;

    public required EncryptedGroupSecrets Secrets { get; init; }

    public required string RelayUrl { get; init; }

    public required Bytes16 Relay { get; init; }

    public required Bytes16 Channel { get; init; }

    public required ulong CommitSequence { get; init; }

    public required Bytes16 Blob { get; init; }

    public required Bytes32 BlobCapability { get; init; }

    public required Bytes32 BlobHash { get; init; }

    public required Bytes32 ClaimToken { get; init; }

    public byte[] Encode() => new TlsWriter().Byte(Format)
        .Vector(Secrets.NewMember.Span).Vector(Secrets.Encrypted.Encapsulation.Span).Vector(Secrets.Encrypted.Ciphertext.Span)
        .Vector(Encoding.UTF8.GetBytes(RelayUrl)).Sixteen(Relay).Sixteen(Channel).Number64(CommitSequence)
        .Sixteen(Blob).ThirtyTwo(BlobCapability).ThirtyTwo(BlobHash).ThirtyTwo(ClaimToken).ToArray();

    /// <summary>Null when the bytes are none.</summary>
    public static WelcomePart? Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        var known = reader.Byte() == Format;
        var secrets = new EncryptedGroupSecrets(reader.Vector().ToArray(), new HpkeCiphertext(reader.Vector().ToArray(), reader.Vector().ToArray()));
        var url = reader.Vector();
        var part = new WelcomePart
        {
            Secrets = secrets,
            RelayUrl = Encoding.UTF8.GetString(url),
            Relay = reader.Sixteen(),
            Channel = reader.Sixteen(),
            CommitSequence = reader.Number64(),
            Blob = reader.Sixteen(),
            BlobCapability = reader.ThirtyTwo(),
            BlobHash = reader.ThirtyTwo(),
            ClaimToken = reader.ThirtyTwo(),
        };
        return known && reader.AtEnd && url.Length <= LongestUrl ? part : null;
    }

    /// <summary>The Welcome as MLS has it (RFC 9420 §12.4.3.1), of the shared part and this one.</summary>
    /// <exception cref="MlsException">It is none.</exception>
    public Welcome ToWelcome(ReadOnlySpan<byte> info)
    {
        const ushort mls10 = 1;
        const ushort welcome = 3;
        var secrets = new TlsWriter().Vector(Secrets.NewMember.Span).Vector(Secrets.Encrypted.Encapsulation.Span).Vector(Secrets.Encrypted.Ciphertext.Span);
        var encoded = new TlsWriter().Number16(mls10).Number16(welcome).Number16(ClientState.Suite.Id.Value).Vector(secrets.Written).Vector(info).ToArray();
        return MlsMessage.Decode(encoded).Welcome!;
    }

    /// <summary>The shared part of a Welcome as a blob.</summary>
    public static byte[] EncodeBlob(ReadOnlyMemory<byte> encryptedGroupInfo)
    {
        var content = new TlsWriter().Vector(encryptedGroupInfo.Span);
        var blob = new byte[Conversations.PayloadPadding.Padded(content.Written.Length)];
        content.Written.CopyTo(blob);
        return blob;
    }

    /// <summary>Null when the bytes are no such blob.</summary>
    public static byte[]? DecodeBlob(ReadOnlySpan<byte> blob)
    {
        var reader = new TlsReader(blob);
        var info = reader.Vector().ToArray();
        return reader.Position > 0 && !blob[reader.Position..].ContainsAnyExcept((byte)0) ? info : null;
    }
}
