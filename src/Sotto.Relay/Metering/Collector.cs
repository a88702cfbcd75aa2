using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Sotto.Relay.Metering;

/// <summary>Sends the relay's metrics, and nothing else, to a collector that the operator named.</summary>
internal static class Collector
{
    /// <summary>Begins; disposing the result sends what is left and ends.</summary>
    /// <param name="endpoint">The collector's URL for metrics, OTLP over HTTP.</param>
    public static IDisposable Begin(Uri endpoint) => Sdk.CreateMeterProviderBuilder()
        .SetResourceBuilder(ResourceBuilder.CreateEmpty().AddAttributes([new("service.name", "sotto-relay")]))
        .AddMeter(RelayMetrics.MeterName)
        .AddOtlpExporter(exporter => (exporter.Endpoint, exporter.Protocol) = (endpoint, OtlpExportProtocol.HttpProtobuf))
        .Build();
}
