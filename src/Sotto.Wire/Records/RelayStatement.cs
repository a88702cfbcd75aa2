using System.Text;
using System.Text.Unicode;

namespace Sotto.Wire.Records;

/// <summary>How the transport to a relay's URL is checked.</summary>
public enum TransportProof : byte
{
    /// <summary>Without TLS; clients take it on loopback alone.</summary>
    Loopback = 0,

    /// <summary>The certificate's SubjectPublicKeyInfo has one of the hashes.</summary>
    Spki = 1,

    /// <summary>TLS ends at a proxy: system roots and name, and the relay's identity.</summary>
    WebPki = 2,
}

/// <summary>One way to a relay.</summary>
/// <param name="Url">Scheme, host and port.</param>
/// <param name="Proof">How its transport is checked.</param>
/// <param name="SpkiHashes">H of each certificate's SubjectPublicKeyInfo, for <see cref="TransportProof.Spki"/>.</param>
public sealed record RelayAddress(string Url, TransportProof Proof, IReadOnlyList<Bytes32> SpkiHashes);

/// <summary>
/// What a relay says of itself: <c>uint8 type; uint8 format; opaque identity_key[32]; uint64 number; uint64 expires;
/// struct { opaque url&lt;V&gt;; uint8 proof; opaque spki_hashes&lt;V&gt; } addresses&lt;V&gt;; extensions</c>, signed by the identity key.
/// </summary>
public sealed record RelayStatement
{
    /// <summary>The relay's identity, Ed25519. Its fingerprint is the first 16 bytes of H of it.</summary>
    public required Bytes32 IdentityKey { get; init; }

    /// <summary>Rises; clients refuse a lower one than the highest they saw.</summary>
    public required ulong Number { get; init; }

    /// <summary>Unix seconds, at most 7 days ahead.</summary>
    public required ulong Expires { get; init; }

    /// <summary>Ways to the relay.</summary>
    public required IReadOnlyList<RelayAddress> Addresses { get; init; }

    /// <summary>The fingerprint of a relay's identity key.</summary>
    public static Bytes16 FingerprintOf(Bytes32 identityKey) => new(Bytes32.HashOf(identityKey.ToArray()).ToArray().AsSpan(0, Bytes16.Length));

    /// <summary>Reads a statement from its signed body; no signature is checked.</summary>
    /// <exception cref="RecordException">The bytes are none.</exception>
    public static RelayStatement Decode(ReadOnlySpan<byte> body)
    {
        var reader = new TlsReader(body);
        var known = RecordHeader.IsAt(ref reader, RecordType.RelayStatement);
        var identity = reader.ThirtyTwo();
        var (number, expires) = (reader.Number64(), reader.Number64());
        var addresses = ReadAddresses(reader.Vector());
        known &= RecordHeader.SkipExtensions(ref reader);
        if (!known || !reader.AtEnd || addresses is null)
            throw new RecordException("relay statement");
        return new() { IdentityKey = identity, Number = number, Expires = expires, Addresses = addresses };
    }

    /// <summary>The bytes to sign, without extensions.</summary>
    public byte[] EncodeBody()
    {
        var addresses = new TlsWriter();
        foreach (var address in Addresses)
        {
            var hashes = new TlsWriter();
            foreach (var hash in address.SpkiHashes)
                hashes.ThirtyTwo(hash);
            addresses.Vector(Encoding.UTF8.GetBytes(address.Url)).Byte((byte)address.Proof).Vector(hashes.Written);
        }

        return RecordHeader.End(RecordHeader.Begin(RecordType.RelayStatement)
            .ThirtyTwo(IdentityKey).Number64(Number).Number64(Expires).Vector(addresses.Written));
    }

    private static List<RelayAddress>? ReadAddresses(ReadOnlySpan<byte> bytes)
    {
        var addresses = new List<RelayAddress>();
        var reader = new TlsReader(bytes);
        while (reader.HasMore)
        {
            var url = reader.Vector();
            var proof = (TransportProof)reader.Byte();
            var hashes = reader.Vector();
            if (proof > TransportProof.WebPki || hashes.Length % Bytes32.Length != 0 || !Utf8.IsValid(url))
                return null;
            addresses.Add(new(Encoding.UTF8.GetString(url), proof, ReadHashes(hashes)));
        }

        return reader.AtEnd ? addresses : null;
    }

    private static List<Bytes32> ReadHashes(ReadOnlySpan<byte> bytes)
    {
        var hashes = new List<Bytes32>();
        for (var at = 0; at < bytes.Length; at += Bytes32.Length)
            hashes.Add(new(bytes.Slice(at, Bytes32.Length)));
        return hashes;
    }
}
