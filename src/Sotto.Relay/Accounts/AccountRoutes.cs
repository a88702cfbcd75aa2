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

/// <summary>Registration and what an account's own devices ask, all of it signed.</summary>
internal sealed class AccountRoutes(
    ICryptoProvider crypto, RelayIdentity identity, RequestSignatures signatures, IAccountStore accounts, IMailboxStore mailboxes, RoomWatch room, RelaySettings settings)
{
    private const int ListsAtOnce = 64;

    private readonly AccountLocks _locks = new();

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Routes.Accounts, RegisterAsync);
        routes.MapDelete(Routes.Account, DeleteAsync);
        routes.MapPost(Routes.Lists, AppendListAsync);
        routes.MapPut(Routes.Reachability, SetReachabilityAsync);
        routes.MapPut(Routes.RecoveryRecord, SetRecoveryRecordAsync);
        routes.MapPost(Routes.ContactTokens, ChangeContactsAsync);
        routes.MapPost(Routes.Vouchers, AddVouchersAsync);
    }

    /// <summary>
    /// The genesis record makes the account id, the lists stand on it, and a device of the newest list signs: nothing has to
    /// be believed. An account that exists already only publishes lists that are lacking. The many signatures inside the lists
    /// are checked last, when the request's own is good and whoever sent it may register.
    /// </summary>
    private async Task RegisterAsync(HttpContext context)
    {
        room.Require();
        var body = await HttpExchange.ReadBodyAsync(context, Limits.LargeBody).ConfigureAwait(false);
        var request = HttpExchange.Parse(body, RelayJson.Default.RegisterRequest);
        var account = GenesisRecord.AccountIdOf(request.Genesis);
        await signatures.RequireAsync(context, body, signer => Task.FromResult(signer.Account == account && NamesDevice(request, signer.Key))).ConfigureAwait(false);
        var (right, token) = (RightOf(account, request), request.Token is { } given ? HttpExchange.HashOfToken(given) : (Bytes32?)null);
        var exists = await accounts.RequireRightAsync(account, right, token, context.RequestAborted).ConfigureAwait(false);
        var chain = exists ? await accounts.ReadChainAsync(account, context.RequestAborted).ConfigureAwait(false) : null;
        var lists = VerifyLists(account, request, chain ?? new(ReadGenesis(request.Genesis), [], null));
        await accounts.RegisterAsync(new(account, request.Genesis, lists, right, token)).ConfigureAwait(false);
        var receipt = identity.Sign(new RegistrationReceiptContent(account).ToSign());
        await HttpExchange.AnswerAsync(context, new RegisterAnswer(receipt, Incarnations.Bytes(mailboxes.Incarnation)), RelayJson.Default.RegisterAnswer).ConfigureAwait(false);
    }

    /// <summary>Whether the last list sent names a device; whether it says the truth is looked at later, at more expense.</summary>
    private static bool NamesDevice(RegisterRequest request, Bytes32 key)
    {
        if (request.Lists.Length is 0 or > ListsAtOnce)
            throw new RelayException(RelayProblem.Malformed);
        var (_, list) = ReadRecord(request.Lists[^1], DeviceList.Decode);
        return list.Certificates.Any(certificate => certificate.DeviceKey == key);
    }

    /// <summary>The lists that the chain lacks, checked in their order.</summary>
    private List<VerifiedList> VerifyLists(Bytes32 account, RegisterRequest request, ListChain chain)
    {
        var lists = new List<VerifiedList>();
        var sent = new HashSet<Bytes32>();
        foreach (var bytes in request.Lists)
        {
            var hash = ReadSigned(bytes).Hash;
            if (!sent.Add(hash))
                throw new RelayException(RelayProblem.Malformed, "A list stands there twice.");
            if (chain.Has(hash))
                continue;
            var list = VerifiedList.Verify(crypto, account, bytes, chain.SignerOf);
            chain.TryAppend(list);
            lists.Add(list);
        }

        return lists;
    }

    private static GenesisRecord ReadGenesis(byte[] bytes)
    {
        try
        {
            return GenesisRecord.Decode(bytes);
        }
        catch (RecordException malformed)
        {
            throw new RelayException(RelayProblem.Malformed, malformed.Message);
        }
    }

    private RegistrationRight RightOf(Bytes32 account, RegisterRequest request)
    {
        if (request.Receipt is { } receipt && identity.Verifies(new RegistrationReceiptContent(account).ToSign(), receipt))
            return RegistrationRight.Receipt;
        return settings.OpenRegistration && request.Token is null ? RegistrationRight.Open : RegistrationRight.Token;
    }

    private async Task AppendListAsync(HttpContext context)
    {
        room.Require();
        var (signer, request) = await signatures.ReadAsync(context, Limits.Body, RelayJson.Default.ListRequest).ConfigureAwait(false);
        var chain = await accounts.ReadChainAsync(signer.Account, context.RequestAborted).ConfigureAwait(false) ?? throw new RelayException(RelayProblem.Refused);
        await accounts.AppendListAsync(signer.Account, signer.Key, VerifiedList.Verify(crypto, signer.Account, request.List, chain.SignerOf)).ConfigureAwait(false);
        await HttpExchange.NoContentAsync(context).ConfigureAwait(false);
    }

    private async Task SetReachabilityAsync(HttpContext context)
    {
        room.Require();
        var (signer, request) = await signatures.ReadAsync(context, Limits.Body, RelayJson.Default.RecordRequest).ConfigureAwait(false);
        var bytes = request.Record;
        var (signed, record) = ReadRecord(bytes, ReachabilityRecord.Decode);
        if (record.Account != signer.Account || record.DeviceKey != signer.Key)
            throw new RelayException(RelayProblem.Malformed, "The record is another device's.");
        RecordSignatures.Require(crypto, signer.Key, SignContent.Reachability, signed);
        await accounts.SetReachabilityAsync(record, bytes).ConfigureAwait(false);
        await HttpExchange.NoContentAsync(context).ConfigureAwait(false);
    }

    private async Task SetRecoveryRecordAsync(HttpContext context)
    {
        room.Require();
        var (signer, request) = await signatures.ReadAsync(context, Limits.LargeBody, RelayJson.Default.RecordRequest).ConfigureAwait(false);
        var bytes = request.Record;
        if (bytes.Length > Limits.RecoveryRecord)
            throw new RelayException(RelayProblem.TooLarge);
        var (signed, record) = ReadRecord(bytes, RecoveryRecord.Decode);
        var chain = await accounts.ReadChainAsync(signer.Account, context.RequestAborted).ConfigureAwait(false) ?? throw new RelayException(RelayProblem.Refused);
        if (record.Account != signer.Account)
            throw new RelayException(RelayProblem.Malformed, "The record is another account's.");
        RecordSignatures.Require(crypto, chain.Newest.AccountKey, SignContent.RecoveryRecord, signed);
        await accounts.AddRecoveryRecordAsync(signer.Key, chain.Newest.AccountKey, record, bytes).ConfigureAwait(false);
        await HttpExchange.NoContentAsync(context).ConfigureAwait(false);
    }

    private async Task ChangeContactsAsync(HttpContext context)
    {
        room.Require();
        var (signer, request) = await signatures.ReadAsync(context, 4 * Limits.Body, RelayJson.Default.ContactTokensRequest).ConfigureAwait(false);
        if (request.Add.Length > 1000 || request.Remove.Length > 1000)
            throw new RelayException(RelayProblem.TooLarge);
        var change = new ContactChange([.. request.Add.Select(HttpExchange.ThirtyTwo)], [.. request.Remove.Select(HttpExchange.ThirtyTwo)], request.RetireOthers);
        await accounts.ChangeContactsAsync(signer.Account, signer.Key, change).ConfigureAwait(false);
        await HttpExchange.NoContentAsync(context).ConfigureAwait(false);
    }

    /// <summary>
    /// The mailbox plane hears first, where a repeated batch adds nothing; then the account is charged, once for a request id.
    /// One request of an account at a time, or two could share one charge.
    /// </summary>
    private async Task AddVouchersAsync(HttpContext context)
    {
        room.Require();
        var (signer, request) = await signatures.ReadAsync(context, Limits.Body, RelayJson.Default.VouchersRequest).ConfigureAwait(false);
        var hashes = request.Hashes.Select(HttpExchange.ThirtyTwo).ToList();
        if (hashes.Count is 0 or > Limits.VouchersSaved || hashes.Distinct().Count() != hashes.Count)
            throw new RelayException(RelayProblem.Malformed);
        var voucherRequest = new VoucherRequest(HttpExchange.Sixteen(request.Id), DigestOf(signer.Account, request), hashes.Count);
        using (await _locks.EnterAsync(signer.Account, context.RequestAborted).ConfigureAwait(false))
        {
            if (await accounts.CheckVouchersAsync(signer.Account, signer.Key, voucherRequest).ConfigureAwait(false))
                await mailboxes.AddVouchersAsync(hashes).ConfigureAwait(false);
            var left = await accounts.CountVouchersAsync(signer.Account, voucherRequest).ConfigureAwait(false);
            await HttpExchange.AnswerAsync(context, new VouchersAnswer(left), RelayJson.Default.VouchersAnswer).ConfigureAwait(false);
        }
    }

    /// <summary>At once when the recovery key asks; a device's wish waits 7 days, in which a recovery takes it back.</summary>
    private async Task DeleteAsync(HttpContext context)
    {
        var body = await HttpExchange.ReadBodyAsync(context, Limits.Body).ConfigureAwait(false);
        var isRecovery = false;
        var signer = await signatures.RequireAsync(context, body, async signer =>
        {
            isRecovery = await signatures.IsRecoveryKeyAsync(signer, context.RequestAborted).ConfigureAwait(false);
            return isRecovery || await accounts.HasDeviceAsync(signer.Account, signer.Key, context.RequestAborted).ConfigureAwait(false);
        }).ConfigureAwait(false);
        var day = await accounts.DeleteAsync(signer.Account, isRecovery ? null : signer.Key).ConfigureAwait(false);
        await HttpExchange.AnswerAsync(context, new DeletionAnswer(day), RelayJson.Default.DeletionAnswer).ConfigureAwait(false);
    }

    private static Bytes32 DigestOf(Bytes32 account, VouchersRequest request)
    {
        var writer = new TlsWriter().ThirtyTwo(account).Bytes(request.Id);
        foreach (var hash in request.Hashes)
            writer.Bytes(hash);
        return Bytes32.HashOf(writer.Written);
    }

    private static SignedRecord ReadSigned(byte[] bytes) => ReadRecord(bytes, _ => true).Signed;

    private static (SignedRecord Signed, T Record) ReadRecord<T>(byte[] bytes, RecordDecoder<T> decode)
    {
        try
        {
            var signed = SignedRecord.Decode(bytes);
            return (signed, decode(signed.Body.Span));
        }
        catch (RecordException malformed)
        {
            throw new RelayException(RelayProblem.Malformed, malformed.Message);
        }
    }

    private delegate T RecordDecoder<out T>(ReadOnlySpan<byte> body);
}
