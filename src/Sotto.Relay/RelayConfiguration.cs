using System.Globalization;
using System.Net;
using Microsoft.Extensions.Configuration;
using Sotto.Relay.Tls;

namespace Sotto.Relay;

/// <summary>
/// Settings as an operator writes them: a flag stands above the environment (<c>SOTTO_RELAY_</c> and the flag's name), and that
/// above a JSON file, whose members are the flags' names.
/// </summary>
public static class RelayConfiguration
{
    /// <summary>Where a relay listens when nobody says anything else.</summary>
    public const int DefaultPort = 7788;

    /// <summary>What environment variables begin with.</summary>
    public const string Prefix = "SOTTO_RELAY_";

    private static readonly string[] Names =
        ["listen", "address", "tls", "tls-cert", "tls-key", "public", "behind-proxy", "data", "open-registration", "invites", "metrics", "otlp"];

    /// <summary>Joins the sources.</summary>
    /// <param name="flags">What the command line says, by the flags' names.</param>
    /// <param name="environment">Finds an environment variable.</param>
    /// <param name="file">A JSON file, or null.</param>
    /// <exception cref="SettingsException">The file is not there, is no JSON, or names something that there is not.</exception>
    public static IConfiguration Join(IReadOnlyDictionary<string, string?> flags, Func<string, string?> environment, string? file)
    {
        ArgumentNullException.ThrowIfNull(environment);
        var builder = new ConfigurationBuilder();
        if (file is not null)
            builder.AddConfiguration(ReadFile(file));
        builder.AddInMemoryCollection(Names
            .Select(name => KeyValuePair.Create(name, environment(Prefix + name.ToUpperInvariant().Replace('-', '_'))))
            .Where(pair => !string.IsNullOrEmpty(pair.Value)));
        return builder.AddInMemoryCollection(flags).Build();
    }

    /// <summary>The settings that the sources come to.</summary>
    /// <param name="configuration">See <see cref="Join"/>.</param>
    /// <param name="defaultFolder">Where data lies when nobody says anything else.</param>
    /// <exception cref="SettingsException">A value cannot be read, or two do not fit together.</exception>
    public static RelaySettings Read(IConfiguration configuration, string defaultFolder)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var settings = new RelaySettings
        {
            Listen = configuration["listen"] is { } listen ? Listen(listen) : new(IPAddress.Loopback, DefaultPort),
            Advertised = configuration["address"] is { } address ? HostAndPort(address) : null,
            AlwaysTls = Flag(configuration, "tls"),
            Certificate = Certificate(configuration["tls-cert"], configuration["tls-key"]),
            Public = configuration["public"] is { } url ? Public(url) : null,
            Proxy = configuration["behind-proxy"] is { } proxy ? Proxy(proxy) : null,
            Folder = Folder(configuration, defaultFolder),
            OpenRegistration = Flag(configuration, "open-registration"),
            OwnerInvites = OwnerInvites(configuration["invites"]),
            Metrics = configuration["metrics"] is { } metrics ? Metrics(metrics) : null,
            Collector = configuration["otlp"] is { } collector ? Collector(collector) : null,
        };
        settings.Check();
        return settings;
    }

    /// <summary>The folder of the relay's data alone, for commands that need nothing else.</summary>
    public static string Folder(IConfiguration configuration, string defaultFolder)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Path.GetFullPath(configuration["data"] is { Length: > 0 } folder ? folder : defaultFolder);
    }

    /// <summary>Checks HOST:PORT, where an IPv6 address stands in brackets.</summary>
    /// <exception cref="SettingsException">The text is none.</exception>
    public static string HostAndPort(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.LastIndexOf(':');
        var isPort = ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0;
        return colon > 0 && isPort && Uri.CheckHostName(text[..colon]) != UriHostNameType.Unknown
            ? text
            : throw new SettingsException("--address takes a name or address and a port: --address relay.example:7788");
    }

    private static IConfigurationRoot ReadFile(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            var read = new ConfigurationBuilder().AddJsonStream(stream).Build();
            var unknown = read.GetChildren().FirstOrDefault(child => !Names.Contains(child.Key, StringComparer.Ordinal) || child.Value is null);
            return unknown is null ? read : throw new SettingsException($"{file}: there is no setting \"{unknown.Key}\", or its value is no text, number or truth. Known are: {string.Join(", ", Names)}.");
        }
        catch (Exception e) when (e is FormatException or InvalidDataException or System.Text.Json.JsonException)
        {
            throw new SettingsException($"{file} is no JSON object: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"{file} cannot be read: {e.Message}");
        }
    }

    private static IPEndPoint Listen(string text) =>
        TryAddress(text) ?? throw new SettingsException("--listen takes an IP address of this machine and a port: --listen 127.0.0.1:7788");

    /// <summary>An address with a port, null for anything else: the framework takes an address alone too.</summary>
    private static IPEndPoint? TryAddress(string text)
    {
        var colon = text.LastIndexOf(':');
        var namesPort = colon > 0 && (text[colon - 1] == ']' || text.IndexOf(':', StringComparison.Ordinal) == colon);
        return namesPort && IPEndPoint.TryParse(text, out var address) ? address : null;
    }

    private static bool Flag(IConfiguration configuration, string name) => configuration[name] switch
    {
        null => false,
        var text when bool.TryParse(text, out var value) => value,
        _ => throw new SettingsException($"{name} is true or false."),
    };

    private static TlsFiles? Certificate(string? certificate, string? key) => (certificate, key) switch
    {
        (null, null) => null,
        ({ } one, { } other) => new(Path.GetFullPath(one), Path.GetFullPath(other)),
        _ => throw new SettingsException("--tls-cert and --tls-key go together."),
    };

    private static Uri Public(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url)
        ? url
        : throw new SettingsException("--public takes an https URL without a path: --public https://relay.example");

    private static bool OwnerInvites(string? text) => text switch
    {
        null or "all" => false,
        "owner" => true,
        _ => throw new SettingsException("--invites takes all or owner: who may open invites."),
    };

    private static IPEndPoint Metrics(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? new(IPAddress.Loopback, port)
        : TryAddress(text) ?? throw new SettingsException("--metrics takes a port of loopback, or an address and a port: --metrics 7789");

    private static Uri Collector(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            ? url
            : throw new SettingsException("--otlp takes a collector's URL for metrics: --otlp http://127.0.0.1:4318/v1/metrics");

    private static IPAddress Proxy(string text) => IPAddress.TryParse(text, out var address)
        ? address
        : throw new SettingsException("--behind-proxy takes the proxy's IP address: --behind-proxy 127.0.0.1");
}
