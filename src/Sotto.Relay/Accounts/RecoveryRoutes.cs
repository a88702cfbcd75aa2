using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sotto.Crypto;
using Sotto.Relay.Hosting;
using Sotto.Relay.Storage;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;
using Sotto.Wire.Records;

namespace Sotto.Relay.Accounts;

/// <summary>Recovery: the holder of the recovery key reads the kept records and takes the account back.</summary>
internal sealed class RecoveryRoutes(ICryptoProvider crypto, RequestSignatures signatures, IAccountStore accounts)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Recovery, ReadAsync);
        routes.MapPost(Routes.Recovery, RecoverAsync);
    }

    /// <summary>Whether the genesis record names this recovery key.</summary>
    public static bool IsRecoveryKey(byte[] genesis, Bytes32 key) =>
        GenesisRecord.Decode(genesis).RecoverySignatureKeyHash == Bytes32.HashOf(key.ToArray());

    private async Task ReadAsync(HttpContext context)
    {
        var recovery = await RequireAsync(context, []).ConfigureAwait(false);
        await HttpExchange.AnswerAsync(context, recovery, RelayJson.Default.RecoveryAnswer).ConfigureAwait(false);
    }

    private async Task RecoverAsync(HttpContext context)
    {
        var body = await HttpExchange.ReadBodyAsync(context, Limits.Body).ConfigureAwait(false);
        await RequireAsync(context, body).ConfigureAwait(false);
        var account = HttpExchange.Route32(context, "account");
        var request = HttpExchange.Parse(body, RelayJson.Default.ListRequest);
        var chain = await accounts.ReadChainAsync(account, context.RequestAborted).ConfigureAwait(false) ?? throw new RelayException(RelayProblem.Refused);
        await accounts.RecoverAsync(account, VerifiedList.Verify(crypto, account, request.List, chain.SignerOf)).ConfigureAwait(false);
        await HttpExchange.NoContentAsync(context).ConfigureAwait(false);
    }

    private async Task<RecoveryAnswer> RequireAsync(HttpContext context, byte[] body)
    {
        var account = HttpExchange.Route32(context, "account");
        var recovery = await accounts.ReadRecoveryAsync(account, context.RequestAborted).ConfigureAwait(false);
        signatures.Require(context, body, signer => signer.Account == account && recovery is not null && IsRecoveryKey(recovery.Genesis, signer.Key));
        return recovery!;
    }
}
