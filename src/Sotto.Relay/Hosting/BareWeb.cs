using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Sotto.Relay.Hosting;

/// <summary>
/// Kestrel and routing and nothing else: no settings from files or the environment but the relay's own, no log of requests, which
/// would name paths and addresses.
/// </summary>
internal static class BareWeb
{
    public static WebApplication Build(Action<KestrelServerOptions> kestrel)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            kestrel(options);
        });
        return builder.Build();
    }
}
