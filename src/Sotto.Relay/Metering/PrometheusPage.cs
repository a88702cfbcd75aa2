using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Prometheus;
using Sotto.Relay.Hosting;

namespace Sotto.Relay.Metering;

/// <summary><c>/metrics</c> on a port of its own, in the text format of Prometheus.</summary>
internal sealed class PrometheusPage : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly IDisposable _adapter;

    private PrometheusPage(WebApplication web, IDisposable adapter) => (_web, _adapter) = (web, adapter);

    /// <summary>Where it listens.</summary>
    public Uri Address => new(_web.Urls.First());

    /// <summary>Begins to listen.</summary>
    /// <exception cref="IOException">The address is in use or not of this machine.</exception>
    public static async Task<PrometheusPage> OpenAsync(IPEndPoint listen, RelayMetrics metrics)
    {
        var registry = Metrics.NewCustomRegistry();
        var adapter = MeterAdapter.StartListening(new MeterAdapterOptions
        {
            Registry = registry,
            MetricFactory = Metrics.WithCustomRegistry(registry),
            ResolveHistogramBuckets = _ => RelayMetrics.Buckets,
            InstrumentFilterPredicate = instrument => instrument.Meter == metrics.Meter,
        });
        var web = BareWeb.Build(kestrel => kestrel.Listen(listen));
        web.MapGet("/metrics", (RequestDelegate)(context =>
        {
            context.Response.ContentType = PrometheusConstants.TextContentType;
            return registry.CollectAndExportAsTextAsync(context.Response.Body, context.RequestAborted);
        }));
        try
        {
            await web.StartAsync().ConfigureAwait(false);
        }
        catch
        {
            adapter.Dispose();
            await web.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return new(web, adapter);
    }

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync().ConfigureAwait(false);
        _adapter.Dispose();
    }
}
