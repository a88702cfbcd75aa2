using System.CommandLine;
using Microsoft.Extensions.Configuration;
using Sotto.Direct.Identities;
using Sotto.Relay;

namespace Sotto.Terminal.Commands;

/// <summary>The settings of a relay as flags, joined with the environment and a file.</summary>
internal sealed class RelayOptions
{
    private readonly Option<string?> _config = new("--config") { Description = "A JSON file with settings, named as the flags. A flag stands above SOTTO_RELAY_…, and that above the file.", HelpName = "FILE", Recursive = true };

    private readonly Option<string?> _data = new("--data") { Description = "The folder of everything the relay stores. Default: relay in the profile.", HelpName = "DIR", Recursive = true };

    private readonly Option[] _serving =
    [
        new Option<string?>("--listen") { Description = "Where to listen. Default: 127.0.0.1:7788.", HelpName = "ADDR:PORT" },
        new Option<string?>("--address") { Description = "What clients connect to, where it is not what --listen says.", HelpName = "HOST:PORT" },
        new Option<bool>("--tls") { Description = "Use TLS on a loopback address too. Other addresses always do." },
        new Option<string?>("--tls-cert") { Description = "A certificate of your own, PEM, with its chain. Default: the relay makes one.", HelpName = "FILE" },
        new Option<string?>("--tls-key") { Description = "The certificate's private key, PEM. Both files are read again when they change.", HelpName = "FILE" },
        new Option<string?>("--public") { Description = "The https URL of a proxy that ends TLS in front of the relay.", HelpName = "URL" },
        new Option<string?>("--behind-proxy") { Description = "That proxy's IP address: limits count the address that it forwards.", HelpName = "ADDR" },
        new Option<string?>("--invites") { Description = "Who may open invites: all, or owner, the account of the first link. Default: all.", HelpName = "WHO" },
        new Option<string?>("--metrics") { Description = "Serve /metrics for Prometheus on this port of loopback, or on an address. Default: nowhere.", HelpName = "[ADDR:]PORT" },
        new Option<string?>("--otlp") { Description = "Send metrics to an OpenTelemetry collector, OTLP over HTTP.", HelpName = "URL" },
        new Option<bool>("--open-registration") { Description = "Let anybody make an account, without an invite." },
    ];

    private static string DefaultFolder => Path.Combine(ProfileFolder.FromEnvironment().Path, "relay");

    public void AddTo(Command command)
    {
        command.Add(_config);
        command.Add(_data);
        foreach (var option in _serving)
            command.Add(option);
    }

    /// <summary>Everything, checked.</summary>
    public RelaySettings Settings(ParseResult parsed) => RelayConfiguration.Read(Join(parsed), DefaultFolder);

    /// <summary>The data's folder, for commands beside the relay.</summary>
    public string Folder(ParseResult parsed) => RelayConfiguration.Folder(Join(parsed), DefaultFolder);

    private IConfiguration Join(ParseResult parsed)
    {
        var flags = _serving.Append(_data)
            .Where(option => parsed.GetResult(option) is { Implicit: false })
            .ToDictionary(option => option.Name[2..], option => option is Option<bool> truth ? parsed.GetValue(truth).ToString() : parsed.GetValue((Option<string?>)option));
        var file = parsed.GetValue(_config) ?? Environment.GetEnvironmentVariable(RelayConfiguration.Prefix + "CONFIG");
        return RelayConfiguration.Join(flags, Environment.GetEnvironmentVariable, string.IsNullOrEmpty(file) ? null : file);
    }
}
