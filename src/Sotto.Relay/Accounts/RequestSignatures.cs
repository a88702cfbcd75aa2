using System.Buffers.Text;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sotto.Crypto;
using Sotto.Relay.Hosting;
using Sotto.Relay.Storage;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;
using Sotto.Wire.Records;

namespace Sotto.Relay.Accounts;

/// <summary>Who signed a request, once that is checked.</summary>
/// <param name="Account">The account.</param>
/// <param name="Key">The device's key, or the recovery key.</param>
internal readonly record struct Signer(Bytes32 Account, Bytes32 Key);

/// <summary>
/// Checks signed requests (docs/protocol): the nonce is fresh, the signature is over this relay, this target and this body,
/// the key may act for the account, and the nonce was not used. Every answer carries a fresh nonce.
/// </summary>
internal sealed class RequestSignatures(ICryptoProvider crypto, RelayIdentity identity, Nonces nonces, IAccountStore accounts)
{
    /// <summary>A body that a device of the account signed, as what it must be.</summary>
    /// <param name="context">The request.</param>
    /// <param name="limit">The longest that the body may be, in bytes.</param>
    /// <param name="type">What it must be.</param>
    /// <exception cref="RelayException">It is too long, the signature is not such a device's, or it is something else.</exception>
    public async Task<(Signer Signer, T Request)> ReadAsync<T>(HttpContext context, int limit, JsonTypeInfo<T> type)
        where T : class
    {
        var body = await HttpExchange.ReadBodyAsync(context, limit).ConfigureAwait(false);
        var signer = await RequireDeviceAsync(context, body).ConfigureAwait(false);
        return (signer, HttpExchange.Parse(body, type));
    }

    /// <summary>Of a device in the account's newest list.</summary>
    /// <exception cref="RelayException">It is not.</exception>
    public Task<Signer> RequireDeviceAsync(HttpContext context, byte[] body) =>
        RequireAsync(context, body, signer => accounts.HasDeviceAsync(signer.Account, signer.Key, context.RequestAborted));

    /// <summary>Of the account's recovery key.</summary>
    /// <exception cref="RelayException">It is not.</exception>
    public Task<Signer> RequireRecoveryKeyAsync(HttpContext context, byte[] body) =>
        RequireAsync(context, body, signer => IsRecoveryKeyAsync(signer, context.RequestAborted));

    /// <summary>Whether the genesis record of the signer's account names its key as the recovery key.</summary>
    public async Task<bool> IsRecoveryKeyAsync(Signer signer, CancellationToken cancellationToken) =>
        await accounts.ReadGenesisAsync(signer.Account, cancellationToken).ConfigureAwait(false) is { } genesis
        && GenesisRecord.Decode(genesis).RecoverySignatureKeyHash == Bytes32.HashOf(signer.Key.ToArray());

    /// <summary>Of a key that may act for the account. Nothing is looked up before its signature is checked.</summary>
    /// <param name="context">The request.</param>
    /// <param name="body">Its body.</param>
    /// <param name="mayAct">Whether the key may act.</param>
    /// <exception cref="RelayException">It may not.</exception>
    public async Task<Signer> RequireAsync(HttpContext context, byte[] body, Func<Signer, Task<bool>> mayAct)
    {
        var (signer, nonce) = Read(context, body);
        if (!await mayAct(signer).ConfigureAwait(false))
            throw new RelayException(RelayProblem.Refused);
        UseUp(nonce);
        return signer;
    }

    /// <summary>Gives the client a nonce for its next request.</summary>
    public byte[] Offer(HttpContext context)
    {
        var nonce = nonces.Issue();
        context.Response.Headers[SottoHeaders.Nonce] = Base64Url.EncodeToString(nonce);
        return nonce;
    }

    private (Signer Signer, Bytes32 Nonce) Read(HttpContext context, byte[] body)
    {
        Offer(context);
        var signer = new Signer(HttpExchange.Header32(context, SottoHeaders.Account), HttpExchange.Header32(context, SottoHeaders.Key));
        var nonce = HttpExchange.Header32(context, SottoHeaders.Nonce);
        var signature = HttpExchange.HeaderBytes(context, SottoHeaders.Signature, SignedRecord.SignatureLength);
        if (!nonces.IsFresh(nonce))
            throw new RelayException(RelayProblem.BadNonce);
        var request = new SignedRequest(identity.Key, signer.Account, signer.Key, context.Request.Method, TargetOf(context), Bytes32.HashOf(body), nonce);
        if (!crypto.Ed25519Verify(signer.Key.ToArray(), request.ToSign(), signature))
            throw new RelayException(RelayProblem.Refused);
        return (signer, nonce);
    }

    private void UseUp(Bytes32 nonce)
    {
        if (!nonces.TryUse(nonce))
            throw new RelayException(RelayProblem.BadNonce);
    }

    /// <summary>The target as it was sent, before anything decoded it.</summary>
    private static string TargetOf(HttpContext context) => context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
}
