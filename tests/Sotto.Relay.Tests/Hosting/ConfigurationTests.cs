using System.Net;
using Sotto.Relay.Tests.Running;

namespace Sotto.Relay.Tests.Hosting;

/// <summary>Settings: a flag stands above the environment, that above a file, and what cannot work is refused with a sentence.</summary>
public sealed class ConfigurationTests
{
    [Fact]
    public void Without_settings_it_is_safe()
    {
        var settings = Read("");
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 7788), settings.Listen);
        Assert.False(settings.OpenRegistration);
        Assert.Null(settings.Proxy);
        Assert.Equal("/data", settings.Folder);
    }

    [Fact]
    public void A_flag_stands_above_the_environment_and_that_above_the_file()
    {
        using var folder = new RelayFolder();
        var file = Path.Combine(folder.Path, "settings.json");
        File.WriteAllText(file, """{ "listen": "127.0.0.1:1", "data": "/of-file", "open-registration": true, "tls-cert": "/c", "tls-key": "/k" }""");
        var environment = new Dictionary<string, string?> { ["SOTTO_RELAY_LISTEN"] = "127.0.0.1:2", ["SOTTO_RELAY_DATA"] = "/of-environment", ["SOTTO_RELAY_TLS_KEY"] = "" };
        var configuration = RelayConfiguration.Join(new Dictionary<string, string?> { ["listen"] = "127.0.0.1:3" }, environment.GetValueOrDefault, file);
        var settings = RelayConfiguration.Read(configuration, "/data");

        Assert.Equal(3, settings.Listen.Port);
        Assert.Equal("/of-environment", settings.Folder);
        Assert.True(settings.OpenRegistration);
        Assert.Equal("/k", settings.Certificate!.Key);
    }

    [Theory]
    [InlineData("listen=localhost", "--listen takes an IP address")]
    [InlineData("listen=127.0.0.1", "--listen takes an IP address")]
    [InlineData("listen=::1", "--listen takes an IP address")]
    [InlineData("listen=0.0.0.0:7788", "--address HOST:PORT")]
    [InlineData("listen=[::]:7788", "--address HOST:PORT")]
    [InlineData("address=relay.example", "--address takes")]
    [InlineData("address=relay.example:0", "--address takes")]
    [InlineData("address=relay.example:70000", "--address takes")]
    [InlineData("address=a b:1", "--address takes")]
    [InlineData("address=:7788", "--address takes")]
    [InlineData("tls-cert=/c.pem", "go together")]
    [InlineData("tls-key=/k.pem", "go together")]
    [InlineData("public=relay.example", "https URL")]
    [InlineData("public=http://relay.example", "https URL")]
    [InlineData("public=https://relay.example/path", "https URL")]
    [InlineData("public=https://somebody@relay.example", "https URL")]
    [InlineData("behind-proxy=127.0.0.1", "--behind-proxy needs --public")]
    [InlineData("behind-proxy=proxy.example;public=https://relay.example", "--behind-proxy takes")]
    [InlineData("tls=perhaps", "tls is true or false")]
    [InlineData("open-registration=1", "open-registration is true or false")]
    public void What_cannot_work_is_refused(string settings, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<SettingsException>(() => Read(settings)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("listen=[::1]:7788")]
    [InlineData("listen=0.0.0.0:7788;address=relay.example:443")]
    [InlineData("listen=0.0.0.0:7788;address=[2001:db8::1]:443")]
    [InlineData("listen=0.0.0.0:7788;public=https://relay.example")]
    [InlineData("public=https://relay.example:8443;behind-proxy=10.0.0.2")]
    [InlineData("tls-cert=/c.pem;tls-key=/k.pem;public=https://relay.example")]
    public void What_works_is_taken(string settings) => Assert.NotNull(Read(settings).Folder);

    [Theory]
    [InlineData("""{ "lisetn": "127.0.0.1:1" }""", "no setting \"lisetn\"")]
    [InlineData("""{ "listen": { "port": 1 } }""", "no setting \"listen\"")]
    [InlineData("""[ 1 ]""", "is no JSON object")]
    [InlineData("""{ "listen": """, "is no JSON object")]
    public void A_file_that_says_something_else_is_refused(string content, string sentence)
    {
        using var folder = new RelayFolder();
        var file = Path.Combine(folder.Path, "settings.json");
        File.WriteAllText(file, content);
        Assert.Contains(sentence, Assert.Throws<SettingsException>(() => Join(file)).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", Assert.Throws<SettingsException>(() => Join(file + "x")).Message, StringComparison.Ordinal);
    }

    private static void Join(string file) => RelayConfiguration.Join(new Dictionary<string, string?>(), _ => null, file);

    private static RelaySettings Read(string settings)
    {
        var flags = settings.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => (string?)pair[1]);
        return RelayConfiguration.Read(RelayConfiguration.Join(flags, _ => null, null), "/data");
    }
}
