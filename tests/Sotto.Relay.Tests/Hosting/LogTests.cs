using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Sotto.Relay.Hosting;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Tests.Hosting;

/// <summary>AT-24: what a relay logs, at every level, has fields from a list and nobody in it.</summary>
public sealed partial class LogTests
{
    /// <summary>Numbers, names of planes, failures and exception types, and the operator's own files.</summary>
    private static readonly string[] AllowedFields = ["Streams", "Files", "Plane", "Failure", "Exception", "Entries", "Blobs"];

    [Fact]
    public void Every_event_has_an_id_of_its_own_and_fields_of_the_list()
    {
        var events = typeof(RelayLog).GetMethods(BindingFlags.Static | BindingFlags.Public).Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>().ToList();

        Assert.NotEmpty(events);
        Assert.Equal(events.Count, events.Select(line => line.EventId).Distinct().Count());
        Assert.Empty(events.SelectMany(line => Fields().Matches(line.Message)).Select(field => field.Groups[1].Value).Except(AllowedFields));
    }

    [Fact]
    public async Task A_day_of_use_and_refusals_leaves_nobody_in_the_log()
    {
        var log = new CollectedLog();
        var relay = await TestRelay.StartAsync(settings => settings, log);
        using var ann = await relay.RegisterAsync();
        await using (var stream = await relay.ConnectAsync())
        {
            var channel = await TestChannel.CreateAsync(stream, ann);
            await stream.AskAsync(channel.Message([1]));
            await Refusal.IsAsync(RelayProblem.Refused, () => stream.AskAsync(new TestChannel().Message([1])));
        }

        await relay.Server.LookAtHealthAsync();
        await relay.Server.DrainAsync(CancellationToken.None);
        await relay.DisposeAsync();

        Assert.Contains(log.Events, line => line.Name == "Draining");
        Assert.Empty(log.Events.SelectMany(line => line.Fields.Keys).Except([.. AllowedFields, "{OriginalFormat}"]));
        Assert.DoesNotContain(log.Events, line => Ids().IsMatch(line.Text));
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Fields();

    /// <summary>An address, or anything as long as an id in hexadecimal or base64url.</summary>
    [GeneratedRegex(@"\d+\.\d+\.\d+\.\d+|::1|[\w-]{20,}")]
    private static partial Regex Ids();
}
