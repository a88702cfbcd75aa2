using System.Globalization;
using System.Net;

namespace Sotto.Direct.Invites;

/// <summary>Where a host can be reached: a name or address, and a port.</summary>
/// <param name="Host">A DNS name or an IP address, IPv6 without brackets.</param>
/// <param name="Port">1 to 65535.</param>
public readonly record struct HostAddress(string Host, int Port)
{
    /// <summary>The port of direct mode when none is said.</summary>
    public const int DefaultPort = 7787;

    private const int MaxHostLength = 253;

    /// <summary>Reads <c>HOST</c>, <c>HOST:PORT</c>, <c>[IPv6]:PORT</c> or a bare IPv6 address.</summary>
    public static bool TryParse(string? text, out HostAddress address)
    {
        address = default;
        if (string.IsNullOrEmpty(text))
            return false;
        var (host, port) = Split(text);
        if (!IsHost(host) || !TryPort(port, out var number))
            return false;
        address = new(host, number);
        return true;
    }

    /// <summary>As it stands in an invite; IPv6 in brackets.</summary>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    private static (string Host, string? Port) Split(string text)
    {
        if (text[0] == '[')
        {
            var close = text.IndexOf(']', StringComparison.Ordinal);
            if (close < 0)
                return ("", null);
            var rest = text[(close + 1)..];
            var inside = text[1..close];
            var known = inside.Contains(':', StringComparison.Ordinal) ? inside : "";
            return rest.Length == 0 ? (known, null) : rest[0] == ':' ? (known, rest[1..]) : ("", null);
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var single = colon >= 0 && colon == text.LastIndexOf(':');
        return single ? (text[..colon], text[(colon + 1)..]) : (text, null);
    }

    private static bool IsHost(string host)
    {
        if (host.Length is 0 or > MaxHostLength)
            return false;
        if (host.Contains(':', StringComparison.Ordinal))
            return host.All(c => IsNameCharacter(c) || c is ':' or '%') && IPAddress.TryParse(host, out _);
        return host.All(IsNameCharacter) && host[0] is not ('-' or '.');
    }

    /// <summary>The parser of addresses takes anything at all as the name of an IPv6 zone, brackets and escape bytes included.</summary>
    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_';

    private static bool TryPort(string? text, out int port)
    {
        port = DefaultPort;
        return text is null
            || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535);
    }
}
