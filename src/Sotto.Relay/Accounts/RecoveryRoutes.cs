using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sotto.Crypto;
using Sotto.Relay.Hosting;
using Sotto.Relay.Storage;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Accounts;

/// <summary>Recovery: the holder of the recovery key reads the kept records and takes the account back.</summary>
internal sealed class RecoveryRoutes(ICryptoProvider crypto, RequestSignatures signatures, IAccountStore accounts)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Recovery, ReadAsync);
        routes.MapPost(Routes.Recovery, RecoverAsync);
    }

    private async Task ReadAsync(HttpContext context)
    {
        var account = await RequireAsync(context, []).ConfigureAwait(false);
        var recovery = await accounts.ReadRecoveryAsync(account, context.RequestAborted).ConfigureAwait(false) ?? throw new RelayException(RelayProblem.Refused);
        await HttpExchange.AnswerAsync(context, recovery, RelayJson.Default.RecoveryAnswer).ConfigureAwait(false);
    }

    private async Task RecoverAsync(HttpContext context)
    {
        var body = await HttpExchange.ReadBodyAsync(context, Limits.Body).ConfigureAwait(false);
        var account = await RequireAsync(context, body).ConfigureAwait(false);
        var request = HttpExchange.Parse(body, RelayJson.Default.ListRequest);
        var chain = await accounts.ReadChainAsync(account, context.RequestAborted).ConfigureAwait(false) ?? throw new RelayException(RelayProblem.Refused);
        await accounts.RecoverAsync(account, VerifiedList.Verify(crypto, account, request.List, chain.SignerOf)).ConfigureAwait(false);
        await HttpExchange.NoContentAsync(context).ConfigureAwait(false);
    }

    /// <returns>The account whose recovery key signed, which is the one that the route names.</returns>
    private async Task<Bytes32> RequireAsync(HttpContext context, byte[] body)
    {
        var account = HttpExchange.Route32(context, "account");
        var signer = await signatures.RequireRecoveryKeyAsync(context, body).ConfigureAwait(false);
        return signer.Account == account ? account : throw new RelayException(RelayProblem.Refused);
    }
}
