using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sotto.Relay.Hosting;
using Sotto.Relay.Storage;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Accounts;

/// <summary>The directory, cards and key packages: what others read with a contact token and without login.</summary>
internal sealed class DirectoryRoutes(RequestSignatures signatures, IAccountStore accounts, RoomWatch room, LookupLimits lookups, RelaySettings settings, TimeProvider time)
{
    private const int ClaimsPerMinute = 10;
    private const int ClaimsTogether = 16;

    private readonly RequestCounter _claims = new(ClaimsPerMinute, TimeSpan.FromMinutes(1), time);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Directory, ReadAsync);
        routes.MapGet(Routes.Card, ReadCardAsync);
        routes.MapPost(Routes.ClaimKeyPackages, ClaimAsync);
        routes.MapPut(Routes.KeyPackages, AddKeyPackagesAsync);
        routes.MapGet(Routes.KeyPackages, CountKeyPackagesAsync);
        routes.MapPost(Routes.Invites, AddInviteAsync);
        routes.MapGet(Routes.Invites, ReadInvitesAsync);
        routes.MapPost(Routes.RevokeInvite, EndInviteAsync);
    }

    private async Task ReadAsync(HttpContext context)
    {
        var account = HttpExchange.Route32(context, "account");
        var from = context.Request.Query["from"].ToString();
        var number = from.Length == 0 ? 0 : ulong.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : throw new RelayException(RelayProblem.Malformed);
        var answer = context.Request.Headers.ContainsKey(SottoHeaders.Token)
            ? await ReadWithTokenAsync(context, account, number).ConfigureAwait(false)
            : await ReadOwnAsync(context, account, number).ConfigureAwait(false);
        await HttpExchange.AnswerAsync(context, answer, RelayJson.Default.DirectoryAnswer).ConfigureAwait(false);
    }

    private Task<DirectoryAnswer> ReadWithTokenAsync(HttpContext context, Bytes32 account, ulong from)
    {
        var token = HashOfTokenHeader(context);
        return lookups.LookUpAsync(context, account, token, () => accounts.ReadDirectoryAsync(account, new(token), from, context.RequestAborted));
    }

    /// <summary>One of the account's own devices signs.</summary>
    private async Task<DirectoryAnswer> ReadOwnAsync(HttpContext context, Bytes32 account, ulong from)
    {
        var signer = await signatures.RequireDeviceAsync(context, []).ConfigureAwait(false);
        return signer.Account == account
            ? await accounts.ReadDirectoryAsync(account, new(null), from, context.RequestAborted).ConfigureAwait(false)
            : throw new RelayException(RelayProblem.Refused);
    }

    private async Task ReadCardAsync(HttpContext context)
    {
        var (account, token) = (HttpExchange.Route32(context, "account"), HashOfTokenHeader(context));
        var card = await lookups.LookUpAsync(context, account, token, () => accounts.ReadCardAsync(account, token, context.RequestAborted)).ConfigureAwait(false);
        await HttpExchange.AnswerAsync(context, new CardAnswer(card), RelayJson.Default.CardAnswer).ConfigureAwait(false);
    }

    /// <summary>
    /// Each target is answered for itself, so that one refusal does not cost the others their answer. A few at a time: what they
    /// guessed wrong counts for those after them, and when the answer is large enough the rest is not claimed.
    /// </summary>
    private async Task ClaimAsync(HttpContext context)
    {
        room.Require();
        var body = await HttpExchange.ReadBodyAsync(context, Limits.LargeBody).ConfigureAwait(false);
        var request = HttpExchange.Parse(body, RelayJson.Default.ClaimRequest);
        if (request.Targets.Length is 0 or > Limits.ClaimTargets)
            throw new RelayException(RelayProblem.TooLarge);
        var answers = new List<ClaimedTarget>(request.Targets.Length);
        var size = 0L;
        foreach (var targets in request.Targets.Chunk(ClaimsTogether))
        {
            var answered = size < Limits.ClaimBytes
                ? await Task.WhenAll(targets.Select(target => ClaimAsync(context, target))).ConfigureAwait(false)
                : [.. targets.Select(_ => new ClaimedTarget(null, ProblemTypes.Of(RelayProblem.TooLarge).Type))];
            answers.AddRange(answered);
            size += answered.Sum(target => target.Packages?.Sum(claimed => (long)(claimed.Package?.Length ?? 0)) ?? 0);
        }

        await HttpExchange.AnswerAsync(context, new ClaimAnswer([.. answers]), RelayJson.Default.ClaimAnswer).ConfigureAwait(false);
    }

    private async Task<ClaimedTarget> ClaimAsync(HttpContext context, ClaimTarget target)
    {
        try
        {
            var token = HttpExchange.HashOfToken(target.Token);
            var (account, id) = (HttpExchange.ThirtyTwo(target.Account), HttpExchange.Sixteen(target.Id));
            _claims.Count(token);
            return new(await lookups.GuessAsync(context, () => accounts.ClaimAsync(account, token, id)).ConfigureAwait(false));
        }
        catch (RelayException refusal)
        {
            return new(null, ProblemTypes.Of(refusal.Problem).Type);
        }
    }

    private async Task AddKeyPackagesAsync(HttpContext context)
    {
        room.Require();
        var (signer, request) = await signatures.ReadAsync(context, Limits.LargeBody, RelayJson.Default.KeyPackagesRequest).ConfigureAwait(false);
        foreach (var package in request.LastResort is { } last ? request.Packages.Append(last) : request.Packages)
            Check(package);
        var answer = await accounts.AddKeyPackagesAsync(signer.Account, signer.Key, new(request.Packages, request.LastResort, request.Replace)).ConfigureAwait(false);
        await HttpExchange.AnswerAsync(context, answer, RelayJson.Default.KeyPackagesAnswer).ConfigureAwait(false);
    }

    private void Check(KeyPackageItem package)
    {
        var today = time.GetUtcNow().ToUnixTimeSeconds() / 86_400;
        if (package.Bytes.Length > Limits.KeyPackage)
            throw new RelayException(RelayProblem.TooLarge);
        if (package.Bytes.Length == 0 || package.ExpiresDay < today || package.ExpiresDay > today + Limits.KeyPackageDays)
            throw new RelayException(RelayProblem.Malformed, "A key package is empty, has expired, or lasts more than 30 days.");
    }

    private async Task CountKeyPackagesAsync(HttpContext context)
    {
        var signer = await signatures.RequireDeviceAsync(context, []).ConfigureAwait(false);
        var answer = await accounts.CountKeyPackagesAsync(signer.Account, signer.Key, context.RequestAborted).ConfigureAwait(false);
        await HttpExchange.AnswerAsync(context, answer, RelayJson.Default.KeyPackagesAnswer).ConfigureAwait(false);
    }

    private async Task AddInviteAsync(HttpContext context)
    {
        room.Require();
        var (signer, request) = await signatures.ReadAsync(context, Limits.Body, RelayJson.Default.InviteRequest).ConfigureAwait(false);
        if (settings.OwnerInvites && !await accounts.IsOwnerAsync(signer.Account, context.RequestAborted).ConfigureAwait(false))
            throw new RelayException(RelayProblem.Refused, "Only the operator's account may open invites here.");
        var hour = time.GetUtcNow().ToUnixTimeSeconds() / 3600;
        if (request.Card.Length > Limits.Card)
            throw new RelayException(RelayProblem.TooLarge);
        if (request.Card.Length == 0 || request.Uses is < 1 or > Limits.InviteUses || request.ExpiresHour <= hour || request.ExpiresHour > hour + Limits.InviteDays * 24)
            throw new RelayException(RelayProblem.Malformed);
        var registration = request.RegistrationHash is { } hash ? HttpExchange.ThirtyTwo(hash) : (Bytes32?)null;
        await accounts.AddInviteAsync(signer.Account, signer.Key, new(HttpExchange.ThirtyTwo(request.ContactHash), registration, request.Card, request.Uses, request.ExpiresHour)).ConfigureAwait(false);
        await HttpExchange.NoContentAsync(context).ConfigureAwait(false);
    }

    private async Task ReadInvitesAsync(HttpContext context)
    {
        var signer = await signatures.RequireDeviceAsync(context, []).ConfigureAwait(false);
        var invites = await accounts.ReadInvitesAsync(signer.Account, context.RequestAborted).ConfigureAwait(false);
        await HttpExchange.AnswerAsync(context, new InvitesAnswer(invites), RelayJson.Default.InvitesAnswer).ConfigureAwait(false);
    }

    private async Task EndInviteAsync(HttpContext context)
    {
        var (signer, request) = await signatures.ReadAsync(context, Limits.Body, RelayJson.Default.RevokeRequest).ConfigureAwait(false);
        var registration = request.RegistrationHash is { } hash ? HttpExchange.ThirtyTwo(hash) : (Bytes32?)null;
        await accounts.EndInviteAsync(signer.Account, signer.Key, HttpExchange.ThirtyTwo(request.ContactHash), registration, request.Used).ConfigureAwait(false);
        await HttpExchange.NoContentAsync(context).ConfigureAwait(false);
    }

    private static Bytes32 HashOfTokenHeader(HttpContext context) =>
        HttpExchange.HashOfToken(HttpExchange.HeaderBytes(context, SottoHeaders.Token, Limits.Capability));
}
