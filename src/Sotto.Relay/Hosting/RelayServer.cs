using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sotto.Crypto;
using Sotto.Relay.Accounts;
using Sotto.Relay.Blobs;
using Sotto.Relay.Metering;
using Sotto.Relay.Operating;
using Sotto.Relay.Storage;
using Sotto.Relay.Storage.Sqlite.Accounts;
using Sotto.Relay.Storage.Sqlite.Mailbox;
using Sotto.Relay.Streams;
using Sotto.Relay.Tls;
using Sotto.Wire.Http;
using Sotto.Wire.Records;

namespace Sotto.Relay.Hosting;

/// <summary>
/// A running relay: both stores, the routes of both planes, and Kestrel around them. Disposing it stops at once;
/// <see cref="DrainAsync"/> first lets clients finish.
/// </summary>
public sealed class RelayServer : IAsyncDisposable
{
    private static readonly TimeSpan MaintainEvery = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan LookAtStreamsEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookAtHealthEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookAtCertificateEvery = TimeSpan.FromMinutes(1);

    private readonly RelaySettings _settings;
    private readonly Owned _owned;
    private readonly ILogger _log;
    private readonly RelayMetrics _metrics;
    private readonly HttpProblems _problems;
    private readonly RelayState _state;
    private readonly RelayIdentity _identity;
    private readonly RelayCertificate? _certificate;
    private readonly SqliteAccountStore _accounts;
    private readonly SqliteMailboxStore _mailboxes;
    private readonly StreamServer _streams;
    private readonly StatementMaker _statement;
    private readonly RoomWatch _room;
    private readonly HealthWatch _health;
    private readonly WebApplication _web;
    private readonly Pruning _pruning;
    private readonly TimeProvider _time;
    private readonly long _started;
    private volatile bool _draining;

    private RelayServer(RelaySettings settings, ICryptoProvider crypto, TimeProvider time, ILogger log, Owned owned)
    {
        (_settings, _owned, _log, _time, _started) = (settings, owned, log, time, time.GetTimestamp());
        owned.Add(FolderLock.Take(settings.Folder));
        UnfinishedRestore.Refuse(settings.Folder);
        _state = RelayState.Open(settings.Folder);
        _identity = owned.Add(RelayIdentity.OpenOrCreate(crypto, settings.Folder));
        _certificate = settings.UsesTls ? RelayCertificate.Open(settings.Certificate, settings.Folder, time) : null;
        var hub = new ChannelHub();
        _metrics = owned.Add(new RelayMetrics());
        _accounts = owned.Add(new SqliteAccountStore(settings.Folder, time, _metrics));
        _mailboxes = owned.Add(new SqliteMailboxStore(settings.Folder, crypto, time, settings.Limits, hub));
        var nonces = owned.Add(new Nonces(crypto, time));
        _room = new(settings.Folder, settings.Limits.FreeDisk, time);
        var addresses = new ClientAddresses(settings);
        _problems = new(log, _metrics);
        var requests = new StreamRequests(_mailboxes, new(_identity, _mailboxes.Incarnation), hub, _room, _metrics, time);
        _streams = new(_mailboxes, requests, hub, addresses, settings.Limits, _metrics, time);
        _metrics.Observe(() => _streams.Count, _room, _accounts.Health, _mailboxes.Health);
        _health = new([new("account", _accounts.Health, _accounts.ProbeAsync), new("mailbox", _mailboxes.Health, _mailboxes.ProbeAsync)], _room, log);
        _statement = new(_identity, _state, Addresses, time);
        _web = owned.Add(Build());
        var signatures = new RequestSignatures(crypto, _identity, nonces, _accounts);
        Map(signatures);
        new AccountRoutes(crypto, _identity, signatures, _accounts, _mailboxes, _room, settings).Map(_web);
        new DirectoryRoutes(signatures, _accounts, _room, new(crypto, addresses, time), settings, time).Map(_web);
        new RecoveryRoutes(crypto, signatures, _accounts).Map(_web);
        var blobs = BlobFolder.Open(settings.Folder);
        new BlobRoutes(_mailboxes, blobs, _room).Map(_web);
        _pruning = new(settings.Folder, _accounts, _mailboxes, blobs);
        Repeat(MaintainEvery, time, MaintainAsync);
        Repeat(LookAtCertificateEvery, time, ReloadCertificate);
        Repeat(LookAtStreamsEvery, time, EndStalled);
        Repeat(LookAtHealthEvery, time, LookAtHealthAsync);
    }

    /// <summary>The public identity.</summary>
    public RelayIdentity Identity => _identity;

    /// <summary>Where it listens, with the port that the system chose.</summary>
    public Uri Address => new(_web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Where <c>/metrics</c> is; null when the operator did not ask for it.</summary>
    public Uri? MetricsAddress { get; private set; }

    /// <summary>HOST:PORT that links carry.</summary>
    public string LinkAddress => _settings.Public is { } proxy ? $"{proxy.IdnHost}:{proxy.Port}" : _settings.Advertised ?? Address.Authority;

    /// <summary>The account plane's store, for the host's own invites.</summary>
    public IAccountStore Accounts => _accounts;

    /// <summary>Everything that is served to clients.</summary>
    internal IReadOnlyList<Endpoint> Endpoints => ((IEndpointRouteBuilder)_web).DataSources.SelectMany(source => source.Endpoints).ToList();

    internal SqliteMailboxStore Mailboxes => _mailboxes;

    internal StreamServer Streams => _streams;

    /// <summary>Opens the folder and begins to listen.</summary>
    /// <param name="settings">What the operator decided.</param>
    /// <param name="crypto">The provider.</param>
    /// <param name="time">The clock of everything but sockets.</param>
    /// <param name="logs">Where the relay's own events go; null for nowhere.</param>
    /// <exception cref="SettingsException">The settings do not fit together.</exception>
    /// <exception cref="StorageException">The folder cannot be used. It is free again.</exception>
    /// <exception cref="IOException">The address is in use or not of this machine.</exception>
    public static async Task<RelayServer> StartAsync(RelaySettings settings, ICryptoProvider crypto, TimeProvider time, ILoggerFactory? logs = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        settings.Check();
        FolderLock.MakeFolder(settings.Folder);
        var owned = new Owned();
        try
        {
            var server = new RelayServer(settings, crypto, time, (logs ?? NullLoggerFactory.Instance).CreateLogger("Sotto.Relay"), owned);
            await ListenAsync(settings.Listen, () => server._web.StartAsync()).ConfigureAwait(false);
            server.NotePlace();
            await server.OpenOperatorSocketAsync().ConfigureAwait(false);
            await server.OpenMetricsAsync().ConfigureAwait(false);
            return server;
        }
        catch
        {
            await owned.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <exception cref="IOException">Says which address it was.</exception>
    private static async Task ListenAsync(IPEndPoint address, Func<Task> listen)
    {
        try
        {
            await listen().ConfigureAwait(false);
        }
        catch (IOException unusable)
        {
            throw new IOException($"Cannot listen on {address}: {unusable.Message}", unusable);
        }
    }

    /// <summary>Not ready any more; clients are told and their requests finished, as long as the token allows.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        _draining = true;
        _log.Draining(_streams.Count);
        await _streams.DrainAsync(cancellationToken).ConfigureAwait(false);
        await _web.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _owned.DisposeAsync();

    private void Repeat(TimeSpan every, TimeProvider time, Func<Task> work) => _owned.Add(new PeriodicWork(every, time, work));

    private void Repeat(TimeSpan every, TimeProvider time, Action work) => Repeat(every, time, () =>
    {
        work();
        return Task.CompletedTask;
    });

    private void NotePlace() =>
        _state.Listens(new(LinkAddress, new Uri(Address.GetLeftPart(UriPartial.Authority)), _certificate?.SpkiHash.ToArray()));

    private WebApplication Build()
    {
        var web = BareWeb.Build(kestrel =>
        {
            kestrel.Listen(_settings.Listen, Serve);
            KestrelLimits.Apply(kestrel.Limits, _settings.Limits);
        });
        if (_settings.Proxy is { } proxy)
            web.UseForwardedHeaders(ForwardedBy(proxy));
        web.UseWebSockets();
        web.Use(next => context => _problems.HandleAsync(context, next));
        return web;
    }

    private static ForwardedHeadersOptions ForwardedBy(IPAddress proxy)
    {
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor, ForwardLimit = 1 };
        options.KnownIPNetworks.Clear();
        options.KnownProxies.Clear();
        options.KnownProxies.Add(proxy);
        return options;
    }

    private void Serve(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http1;
        if (_certificate is { } certificate)
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = _ => new(new SslServerAuthenticationOptions
                {
                    EnabledSslProtocols = SslProtocols.Tls13,
                    ServerCertificateContext = certificate.Current,
                }),
            });
    }

    private void Map(RequestSignatures signatures)
    {
        _web.MapGet(Routes.Live, (RequestDelegate)(context => HttpExchange.NoContentAsync(context)));
        _web.MapGet(Routes.Ready, (RequestDelegate)ReadyAsync);
        _web.MapGet(Routes.Relay, (RequestDelegate)(context =>
            HttpExchange.AnswerAsync(context, new RelayAnswer(_statement.Current(), Incarnations.Bytes(_mailboxes.Incarnation)), RelayJson.Default.RelayAnswer)));
        _web.MapGet(Routes.Nonce, (RequestDelegate)(context =>
            HttpExchange.AnswerAsync(context, new NonceAnswer(signatures.Offer(context)), RelayJson.Default.NonceAnswer)));
        _web.MapGet(Routes.OpenApi, (RequestDelegate)OpenApiPage.AnswerAsync);
        _web.MapGet(Routes.Stream, (RequestDelegate)_streams.ServeAsync);
    }

    /// <summary>What an operator's monitor asks: whether it can store. What is wrong stands in the body, without any id.</summary>
    private Task ReadyAsync(HttpContext context)
    {
        var trouble = Trouble();
        context.Response.StatusCode = trouble is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        var certificate = _certificate?.Trouble is null ? "" : "\nthe certificate in the files cannot be used; the old one goes on";
        return context.Response.WriteAsync((trouble ?? "ready") + certificate, context.RequestAborted);
    }

    private string? Trouble() => _draining ? "draining"
        : _room.IsTight ? "less than the set share of the disk is free"
        : (_accounts.Health.Trouble ?? _mailboxes.Health.Trouble)?.Failure.ToString();

    private List<RelayAddress> Addresses()
    {
        var addresses = new List<RelayAddress>();
        if (OwnAddress() is { } own)
            addresses.Add(_certificate is { } certificate ? new(own, TransportProof.Spki, [certificate.SpkiHash]) : new(own, TransportProof.Loopback, []));
        if (_settings.Public is { } proxy)
            addresses.Add(new(proxy.GetLeftPart(UriPartial.Authority), TransportProof.WebPki, []));
        return addresses;
    }

    /// <summary>None when it listens on every address and clients come through a proxy alone.</summary>
    private string? OwnAddress() => _settings switch
    {
        { Advertised: { } name } => $"{Address.Scheme}://{name}",
        { ListensEverywhere: true } => null,
        _ => Address.GetLeftPart(UriPartial.Authority),
    };

    /// <summary>Takes the certificate's files again if they changed, and says so in a new statement.</summary>
    internal void ReloadCertificate()
    {
        switch (_certificate?.Reload())
        {
            case CertificateReload.Changed:
                _statement.Renew();
                NotePlace();
                _log.CertificateChanged();
                break;
            case CertificateReload.Refused:
                _log.CertificateUnusable(_certificate.Trouble!);
                break;
        }
    }

    /// <summary>Drops what is too old in both planes.</summary>
    internal Task MaintainAsync() => _pruning.MaintainAsync();

    /// <summary>Looks whether the disk is well, and tries to write while it was not.</summary>
    internal Task LookAtHealthAsync() => _health.LookAsync();

    private void EndStalled()
    {
        if (_streams.EndStalled() is > 0 and var streams)
            _log.StalledEnded(streams);
    }

    private async Task<PruneReport> PruneAsync()
    {
        var report = await _pruning.RunAsync().ConfigureAwait(false);
        _log.Pruned(report.After.Entries, report.After.Blobs);
        return report;
    }

    /// <summary>Metrics go where the operator said, if anywhere.</summary>
    private async Task OpenMetricsAsync()
    {
        if (_settings.Metrics is { } listen)
            await ListenAsync(listen, async () => MetricsAddress = _owned.Add(await PrometheusPage.OpenAsync(listen, _metrics).ConfigureAwait(false)).Address).ConfigureAwait(false);
        if (_settings.Collector is { } collector)
            _owned.Add(Collector.Begin(collector));
    }

    private async Task OpenOperatorSocketAsync()
    {
        if (await OperatorSocket.OpenAsync(_settings.Folder, Now, PruneAsync, _problems).ConfigureAwait(false) is { } socket)
            _owned.Add(socket);
        else
            _log.NoOperatorSocket();
    }

    private RelayNow Now() => new(Trouble() ?? "ready", _streams.Count, (long)_time.GetElapsedTime(_started).TotalSeconds);
}
