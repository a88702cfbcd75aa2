using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Sotto.Crypto;
using Sotto.Direct.Handshake;
using Sotto.Direct.Identities;
using Sotto.Direct.Wire;

namespace Sotto.Direct.Invites;

/// <summary>
/// A one-time invite of direct mode: <c>sotto:d/HOST:PORT[,HOST:PORT]#FRAGMENT</c>, where the fragment is base64url of
/// <c>format 1 | fingerprint of the host's identity key[16] | secret[16]</c>. Whoever holds the link can be the joiner once.
/// The owner disposes it.
/// </summary>
public sealed class DirectInvite : IDisposable
{
    /// <summary>What every link begins with.</summary>
    public const string Scheme = "sotto:d/";

    /// <summary>The most addresses that a link carries.</summary>
    public const int MaxAddresses = 8;

    /// <summary>The longest link that is read.</summary>
    public const int MaxLength = 2048;

    private const byte Format = 1;
    private const int SecretLength = 16;

    private DirectInvite(IReadOnlyList<HostAddress> addresses, Fingerprint host, Secret secret) =>
        (Addresses, Host, Secret) = (addresses, host, secret);

    /// <summary>Where the host says it can be reached, 1 to <see cref="MaxAddresses"/>.</summary>
    public IReadOnlyList<HostAddress> Addresses { get; }

    /// <summary>The fingerprint of the host's identity key.</summary>
    public Fingerprint Host { get; }

    internal Secret Secret { get; }

    /// <summary>A new invite with a fresh secret.</summary>
    public static DirectInvite Create(ICryptoProvider crypto, PublicIdentity host, IEnumerable<HostAddress> addresses)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        ArgumentNullException.ThrowIfNull(host);
        HostAddress[] list = [.. addresses.Distinct().Take(MaxAddresses)];
        ArgumentOutOfRangeException.ThrowIfZero(list.Length, nameof(addresses));
        var secret = Secret.Create(SecretLength, out var bytes);
        crypto.FillRandom(bytes);
        return new(list, host.Fingerprint, secret);
    }

    /// <summary>Reads a link.</summary>
    /// <exception cref="DirectException">The text is not an invite of direct mode. The error does not repeat it.</exception>
    public static DirectInvite Parse(string link)
    {
        ArgumentNullException.ThrowIfNull(link);
        return TryParse(link.Trim(), out var invite)
            ? invite!
            : throw new DirectException(DirectFailure.Malformed, "This is not a whole invite. It begins with sotto:d/ and is one line; copy all of it.");
    }

    /// <summary>The link. It holds the secret: show it only to the person who hands it on.</summary>
    public string ToLink()
    {
        Span<byte> fragment = stackalloc byte[1 + Fingerprint.Length + SecretLength];
        var writer = new WireWriter(fragment);
        writer.Byte(Format);
        Host.CopyTo(writer.Take(Fingerprint.Length));
        writer.Bytes(Secret.Bytes);
        return $"{Scheme}{string.Join(',', Addresses)}#{Base64Url.EncodeToString(fragment)}";
    }

    /// <summary>Never the link.</summary>
    public override string ToString() => $"{Scheme}{string.Join(',', Addresses)}#(secret)";

    /// <inheritdoc/>
    public void Dispose() => Secret.Dispose();

    /// <summary>Eight bytes that tell the host which invite is meant and tell nobody else anything.</summary>
    internal byte[] Tag(ICryptoProvider crypto)
    {
        var tag = new byte[JoinHello.InviteTagLength];
        Span<byte> prk = stackalloc byte[Schedule.KeyLength];
        crypto.HkdfExtract(HashAlgorithm.Sha256, default, Secret.Bytes, prk);
        Schedule.Derive(crypto, prk, "invite tag", default, tag);
        return tag;
    }

    private static bool TryParse(string link, out DirectInvite? invite)
    {
        invite = null;
        if (link.Length > MaxLength || !link.StartsWith(Scheme, StringComparison.Ordinal))
            return false;
        if (link[Scheme.Length..].Split('#') is not [var hosts, var fragment] || !TryAddresses(hosts, out var addresses))
            return false;
        Span<byte> bytes = stackalloc byte[1 + Fingerprint.Length + SecretLength];
        // One invite has one spelling: the fragment must be exactly what encoding its bytes gives.
        if (Encoding.UTF8.GetByteCount(fragment) != Base64Url.GetEncodedLength(bytes.Length)
            || Base64Url.DecodeFromChars(fragment, bytes, out _, out var written) != OperationStatus.Done
            || written != bytes.Length
            || Base64Url.EncodeToString(bytes) != fragment
            || bytes[0] != Format)
            return false;
        invite = new(addresses, Fingerprint.FromBytes(bytes.Slice(1, Fingerprint.Length)), Secret.CopyOf(bytes[(1 + Fingerprint.Length)..]));
        bytes.Clear();
        return true;
    }

    private static bool TryAddresses(string hosts, out IReadOnlyList<HostAddress> addresses)
    {
        var list = new List<HostAddress>();
        addresses = list;
        var parts = hosts.Split(',');
        if (parts.Length > MaxAddresses)
            return false;
        foreach (var part in parts)
        {
            if (!HostAddress.TryParse(part, out var address))
                return false;
            list.Add(address);
        }

        return true;
    }
}
