using System.Security.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sotto.Crypto;
using Sotto.Relay.Accounts;
using Sotto.Relay.Blobs;
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
    private static readonly TimeSpan LookAtCertificateEvery = TimeSpan.FromMinutes(1);

    private readonly RelaySettings _settings;
    private readonly FolderLock _lock;
    private readonly RelayIdentity _identity;
    private readonly RelayCertificate? _certificate;
    private readonly SqliteAccountStore _accounts;
    private readonly SqliteMailboxStore _mailboxes;
    private readonly Nonces _nonces;
    private readonly StreamServer _streams;
    private readonly StatementMaker _statement;
    private readonly RoomWatch _room;
    private readonly WebApplication _web;
    private readonly BlobFolder _blobs;
    private readonly List<PeriodicWork> _periodic = [];
    private volatile bool _draining;

    private RelayServer(RelaySettings settings, ICryptoProvider crypto, TimeProvider time)
    {
        _settings = settings;
        _lock = FolderLock.Take(settings.Folder);
        _identity = RelayIdentity.OpenOrCreate(crypto, settings.Folder);
        _certificate = settings.UsesTls ? RelayCertificate.Open(settings.Certificate, settings.Folder, time) : null;
        var hub = new ChannelHub();
        _accounts = new(settings.Folder, time);
        _mailboxes = new(settings.Folder, crypto, time, settings.Limits, hub);
        _nonces = new(crypto, time);
        _room = new(settings.Folder, settings.Limits.FreeDisk, time);
        var requests = new StreamRequests(_mailboxes, new(_identity, _mailboxes.Incarnation), hub, _room, time);
        _streams = new(_mailboxes, requests, hub, settings.Limits, time);
        _statement = new(_identity, Addresses, time);
        _web = Build();
        var signatures = new RequestSignatures(crypto, _identity, _nonces, _accounts);
        Map(signatures);
        new AccountRoutes(crypto, _identity, signatures, _accounts, _mailboxes, _room, settings).Map(_web);
        new DirectoryRoutes(signatures, _accounts, _room, time).Map(_web);
        new RecoveryRoutes(crypto, signatures, _accounts).Map(_web);
        _blobs = BlobFolder.Open(settings.Folder);
        new BlobRoutes(_mailboxes, _blobs, _room).Map(_web);
        _periodic.Add(new(MaintainEvery, time, MaintainAsync));
        _periodic.Add(new(LookAtCertificateEvery, time, () =>
        {
            ReloadCertificate();
            return Task.CompletedTask;
        }));
        _periodic.Add(new(LookAtStreamsEvery, time, () =>
        {
            _streams.EndStalled();
            return Task.CompletedTask;
        }));
    }

    /// <summary>The public identity.</summary>
    public RelayIdentity Identity => _identity;

    /// <summary>Where it listens, with the port that the system chose.</summary>
    public Uri Address => new(_web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>The account plane's store, for the host's own invites.</summary>
    public IAccountStore Accounts => _accounts;

    internal SqliteMailboxStore Mailboxes => _mailboxes;

    /// <summary>Opens the folder and begins to listen.</summary>
    /// <exception cref="StorageException">The folder cannot be used.</exception>
    /// <exception cref="IOException">The address is in use or not of this machine.</exception>
    public static async Task<RelayServer> StartAsync(RelaySettings settings, ICryptoProvider crypto, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(settings);
        FolderLock.MakeFolder(settings.Folder);
        var server = new RelayServer(settings, crypto, time);
        try
        {
            await server._web.StartAsync().ConfigureAwait(false);
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Not ready any more; clients are told and their requests finished, as long as the token allows.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        _draining = true;
        await _streams.DrainAsync(cancellationToken).ConfigureAwait(false);
        await _web.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var work in _periodic)
            await work.DisposeAsync().ConfigureAwait(false);
        await _web.DisposeAsync().ConfigureAwait(false);
        await _mailboxes.DisposeAsync().ConfigureAwait(false);
        await _accounts.DisposeAsync().ConfigureAwait(false);
        _nonces.Dispose();
        _identity.Dispose();
        _lock.Dispose();
    }

    private WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = _settings.Folder });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(_settings.Listen, Serve);
            KestrelLimits.Apply(kestrel.Limits, _settings.Limits);
        });
        var web = builder.Build();
        web.UseWebSockets();
        web.Use(next => context => HttpProblems.HandleAsync(context, next));
        return web;
    }

    private void Serve(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http1;
        if (_certificate is { } certificate)
            listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                SslProtocols = SslProtocols.Tls13,
                ServerCertificateSelector = (_, _) => certificate.Current,
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
        _web.MapGet(Routes.Stream, (RequestDelegate)_streams.ServeAsync);
        _web.MapFallback((RequestDelegate)HttpProblems.UnknownAsync);
    }

    /// <summary>What an operator's monitor asks: whether it can store. What is wrong stands in the body, without any id.</summary>
    private Task ReadyAsync(HttpContext context)
    {
        var trouble = _draining ? "draining"
            : _room.IsTight ? "less than the set share of the disk is free"
            : (_accounts.Health.Trouble ?? _mailboxes.Health.Trouble)?.Failure.ToString();
        context.Response.StatusCode = trouble is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsync(trouble ?? "ready", context.RequestAborted);
    }

    private List<RelayAddress> Addresses()
    {
        var own = _settings.Advertised is { } name ? $"{Address.Scheme}://{name}" : Address.GetLeftPart(UriPartial.Authority);
        var addresses = new List<RelayAddress>
        {
            _certificate is { } certificate ? new(own, TransportProof.Spki, [certificate.SpkiHash]) : new(own, TransportProof.Loopback, []),
        };
        if (_settings.Public is { } proxy)
            addresses.Add(new(proxy.GetLeftPart(UriPartial.Authority), TransportProof.WebPki, []));
        return addresses;
    }

    /// <summary>Takes the certificate's files again if they changed, and says so in a new statement.</summary>
    internal void ReloadCertificate()
    {
        if (_certificate?.Reload() == true)
            _statement.Renew();
    }

    /// <summary>Drops what is too old in both planes.</summary>
    internal async Task MaintainAsync()
    {
        await _accounts.MaintainAsync().ConfigureAwait(false);
        await _mailboxes.MaintainAsync().ConfigureAwait(false);
        foreach (var expired in await _mailboxes.DropExpiredBlobsAsync().ConfigureAwait(false))
            _blobs.Delete(expired);
    }
}
