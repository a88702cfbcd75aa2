using System.Buffers;
using System.Buffers.Text;
using Sotto.Client.Accounts;
using Sotto.Wire;
using Sotto.Wire.Records;

namespace Sotto.Client.Invites;

/// <summary>
/// An invite as a link: addresses of the relay, and 69 bytes as base64url after <c>#</c>: <c>uint8 format = 1;
/// opaque account_id[32], relay_fingerprint[16], secret[16]; uint32 expires_unix_hours</c>. Whoever has it can be the one who
/// joins.
/// </summary>
public sealed class InviteLink
{
    private const byte Format = 1;
    private const int Length = 69;
    private const string Scheme = "sotto:i/";
    private const string WebScheme = "https://";
    private const string WebPath = "/i";
    private const int MostAddresses = 8;
    private const int LongestAddress = 255;

    internal InviteLink(IReadOnlyList<string> addresses, AccountId account, Bytes16 relay, Bytes16 secret, uint expiresHour) =>
        (Addresses, Account, Relay, Secret, ExpiresHour) = (addresses, account, relay, secret, expiresHour);

    /// <summary>Where the relay may be reached, in URLs without a path.</summary>
    public IReadOnlyList<string> Addresses { get; }

    /// <summary>Who invites.</summary>
    public AccountId Account { get; }

    /// <summary>The relay's fingerprint.</summary>
    public Bytes16 Relay { get; }

    /// <summary>Unix hours.</summary>
    public uint ExpiresHour { get; }

    internal Bytes16 Secret { get; }

    /// <summary>Reads a link.</summary>
    /// <exception cref="ClientException">It is none.</exception>
    public static InviteLink Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var trimmed = text.Trim();
        var hash = trimmed.IndexOf('#', StringComparison.Ordinal);
        if (hash < 0 || ReadAddresses(trimmed[..hash]) is not { } addresses)
            throw Malformed();
        var bytes = new byte[Length + 2];
        if (Base64Url.DecodeFromChars(trimmed.AsSpan(hash + 1), bytes, out _, out var length) != OperationStatus.Done || length != Length)
            throw Malformed();
        var reader = new TlsReader(bytes.AsSpan(0, length));
        var known = reader.Byte() == Format;
        var link = new InviteLink(addresses, new(reader.ThirtyTwo()), reader.Sixteen(), reader.Sixteen(), reader.Number32());
        return known && reader.AtEnd ? link : throw Malformed();
    }

    /// <summary>The link to hand over. Secret until it is used.</summary>
    public string ToLink()
    {
        var fragment = Base64Url.EncodeToString(new TlsWriter().Byte(Format).ThirtyTwo(Account.Value).Sixteen(Relay).Sixteen(Secret).Number32(ExpiresHour).Written);
        var first = new Uri(Addresses[0]);
        return Addresses.Count == 1 && first.Scheme == Uri.UriSchemeHttps
            ? $"{Addresses[0]}{WebPath}#{fragment}"
            : $"{Scheme}{string.Join(',', Addresses.Select(address => new Uri(address).Authority))}#{fragment}";
    }

    /// <summary>Not the secret: a link is only shown on purpose.</summary>
    public override string ToString() => "an invite";

    /// <summary>Turns HOST:PORT into a URL: plain on loopback, TLS everywhere else.</summary>
    internal static string? UrlOf(string hostAndPort)
    {
        if (hostAndPort.Length is 0 or > LongestAddress || !Uri.TryCreate($"https://{hostAndPort}", UriKind.Absolute, out var uri) || uri.PathAndQuery != "/" || uri.UserInfo.Length > 0 || uri.Fragment.Length > 0)
            return null;
        return uri.IsLoopback ? $"http://{hostAndPort}" : $"https://{hostAndPort}";
    }

    private static List<string>? ReadAddresses(string before)
    {
        string[] hosts;
        if (before.StartsWith(Scheme, StringComparison.Ordinal))
            hosts = before[Scheme.Length..].Split(',');
        else if (before.StartsWith(WebScheme, StringComparison.Ordinal) && before.EndsWith(WebPath, StringComparison.Ordinal))
            hosts = [before[WebScheme.Length..^WebPath.Length]];
        else
            return null;
        var urls = hosts.Select(UrlOf).OfType<string>().ToList();
        return urls.Count == hosts.Length && urls.Count <= MostAddresses ? urls : null;
    }

    private static ClientException Malformed() => new(ClientFailure.MalformedInvite, "That is not an invite. It looks like sotto:i/HOST:PORT#… or https://HOST/i#…");
}
