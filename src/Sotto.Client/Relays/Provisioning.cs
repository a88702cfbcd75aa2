using System.Text;
using Sotto.Client.Accounts;
using Sotto.Client.Conversations;
using Sotto.Client.Invites;
using Sotto.Client.Joining;
using Sotto.Client.Storage;
using Sotto.Crypto;
using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Trees;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;
using Sotto.Wire.Records;
using Sotto.Wire.Stream;

namespace Sotto.Client.Relays;

/// <summary>
/// Brings this account to a relay and keeps it there: registration, vouchers, intro channel, reachability, KeyPackages. Each
/// step is looked up in what is stored, stored before it is sent, and safe to repeat.
/// </summary>
internal sealed class Provisioning(ClientState state, IRelay relay, IMailboxStream stream)
{
    private const int FirstKeyPackages = 5;
    private const int FewVouchers = 4;
    private static readonly TimeSpan OrderPause = TimeSpan.FromHours(1);
    private static readonly TimeSpan KeyPackageLasts = TimeSpan.FromDays(Limits.KeyPackageDays);
    private static readonly TimeSpan KeyPackagesRenewed = TimeSpan.FromDays(14);
    private static readonly TimeSpan KeyPackagesCounted = TimeSpan.FromDays(1);
    private static readonly TimeSpan WelcomeLasts = TimeSpan.FromDays(ChannelFounding.WelcomeDays);
    private static readonly TimeSpan ReachabilityLasts = TimeSpan.FromDays(40);
    private static readonly TimeSpan ReachabilityRenewed = TimeSpan.FromDays(7);

    /// <summary>A relay record for an account that is to be registered there.</summary>
    public static OwnRelay Begin(ICryptoProvider crypto, RelayEndpoint endpoint, Bytes32 registrationToken) => new()
    {
        Fingerprint = endpoint.Fingerprint,
        Urls = [.. endpoint.Urls],
        RegistrationToken = registrationToken,
        Intro = NewIntro(crypto),
    };

    /// <summary>An intro channel that the relay does not have yet.</summary>
    public static OwnIntro NewIntro(ICryptoProvider crypto) => new()
    {
        Channel = Fresh.Sixteen(crypto),
        OwnerCapability = Fresh.ThirtyTwo(crypto),
        Mailbox = Fresh.Sixteen(crypto),
        ReadCapability = Fresh.ThirtyTwo(crypto),
        PrivateKey = Fresh.Bytes(crypto, Sizes.XWingPrivateKey),
    };

    public async Task RunAsync(Bytes16 fingerprint, CancellationToken cancellationToken)
    {
        await RegisterAsync(fingerprint, cancellationToken).ConfigureAwait(false);
        await OrderVouchersAsync(fingerprint, cancellationToken).ConfigureAwait(false);
        await MakeIntroChannelAsync(fingerprint, cancellationToken).ConfigureAwait(false);
        await PublishReachabilityAsync(fingerprint, cancellationToken).ConfigureAwait(false);
        await PublishKeyPackagesAsync(fingerprint, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The intro channel is not at the relay any more: the same one is made again.</summary>
    public async Task MakeIntroChannelAgainAsync(Bytes16 fingerprint, CancellationToken cancellationToken)
    {
        await ChangeAsync(fingerprint, before => before with { Intro = before.Intro with { IsMade = false, Voucher = null } }, cancellationToken).ConfigureAwait(false);
        await MakeIntroChannelAsync(fingerprint, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a voucher out of the stored ones; the caller stores the changes together with what it is spent on.</summary>
    /// <exception cref="ClientException">There is none left for today.</exception>
    public static (OwnRelay Relay, Bytes32 Voucher) TakeVoucher(OwnRelay relay) => relay.Vouchers is [var first, .. var others]
        ? (relay with { Vouchers = others }, first)
        : throw new ClientException(ClientFailure.RelayBusy, "So much was made at the relay today that it takes no more before tomorrow.");

    private async Task RegisterAsync(Bytes16 fingerprint, CancellationToken cancellationToken)
    {
        var own = state.Relays[fingerprint];
        if (own.Receipt is not null && !own.IsForgotten)
            return;
        var account = state.RequireAccount();
        var request = new RegisterRequest(account.Record.Genesis, account.Record.Lists, own.RegistrationToken?.ToArray(), own.Receipt);
        RegisterAnswer answer;
        try
        {
            answer = await relay.Accounts.RegisterAsync(state.Signer, request, cancellationToken).ConfigureAwait(false);
        }
        catch (RelayRefusedException refused) when (IsFinal(own, refused))
        {
            throw new RegistrationRefusedException(Joiner.Explain(refused));
        }

        if (!RecordSigning.Verifies(state.Crypto, relay.IdentityKey, SignContent.RegistrationReceipt, new TlsWriter().ThirtyTwo(account.Id.Value).Written, answer.Receipt))
            throw new ClientException(ClientFailure.RelayNotGenuine, "The relay's receipt for the registration does not verify.");
        await ChangeAsync(fingerprint, before => before with { Receipt = answer.Receipt, RegistrationToken = null, IsForgotten = false }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The token is no good and there is no receipt. A relay that was restored lately may only have forgotten it.</summary>
    private bool IsFinal(OwnRelay own, RelayRefusedException refused) =>
        refused.Problem is (RelayProblem.TokenRefused or RelayProblem.InviteUsed or RelayProblem.InviteExpired or RelayProblem.InviteRevoked)
        && own.Receipt is null
        && state.Time.GetUtcNow() >= DateTimeOffset.FromUnixTimeSeconds(own.RestoredAt) + Restoration.Window;

    private async Task OrderVouchersAsync(Bytes16 fingerprint, CancellationToken cancellationToken)
    {
        var own = state.Relays[fingerprint];
        var now = state.Time.GetUtcNow();
        if (own.Vouchers.Length < FewVouchers && own.Ordered is null)
        {
            var count = own.Intro.IsMade ? Limits.VouchersPerDay / 2 : Limits.VouchersAtRegistration;
            var order = new VoucherOrder(Fresh.Sixteen(state.Crypto), [.. Enumerable.Range(0, count).Select(_ => Fresh.ThirtyTwo(state.Crypto))]);
            own = await ChangeAsync(fingerprint, before => before with { Ordered = order }, cancellationToken).ConfigureAwait(false);
        }

        if (own.Ordered is not { } waiting || now < DateTimeOffset.FromUnixTimeSeconds(own.OrderRefusedAt) + OrderPause)
            return;
        try
        {
            // In the order of their hashes, which says nothing of which is spent on what.
            var hashes = waiting.Values.Select(value => Bytes32.HashOf(value.ToArray())).Order().Select(hash => hash.ToArray());
            await relay.Accounts.AddVouchersAsync(state.Signer, new(waiting.Id.ToArray(), [.. hashes]), cancellationToken).ConfigureAwait(false);
        }
        catch (RelayRefusedException quota) when (quota.Problem == RelayProblem.QuotaReached)
        {
            await ChangeAsync(fingerprint, before => before with { OrderRefusedAt = now.ToUnixTimeSeconds() }, cancellationToken).ConfigureAwait(false);
            return;
        }

        await ChangeAsync(fingerprint, before => before with { Vouchers = [.. before.Vouchers, .. waiting.Values], Ordered = null }, cancellationToken).ConfigureAwait(false);
    }

    private async Task MakeIntroChannelAsync(Bytes16 fingerprint, CancellationToken cancellationToken)
    {
        while (!state.Relays[fingerprint].Intro.IsMade)
            await TryIntroChannelAsync(fingerprint, cancellationToken).ConfigureAwait(false);
    }

    private async Task TryIntroChannelAsync(Bytes16 fingerprint, CancellationToken cancellationToken)
    {
        var own = state.Relays[fingerprint];
        if (own.Intro.Voucher is null)
        {
            own = await ChangeAsync(fingerprint, before =>
            {
                var (rest, voucher) = TakeVoucher(before);
                return rest with { Intro = rest.Intro with { Voucher = voucher } };
            }, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            await stream.AskAsync(new() { CreateChannel = CreateIntro(own.Intro) }, cancellationToken).ConfigureAwait(false);
        }
        catch (RelayRefusedException refused) when (refused.Problem == Wire.Problems.RelayProblem.TokenRefused)
        {
            // Another copy of this profile spent it.
            await ChangeAsync(fingerprint, before => before with { Intro = before.Intro with { Voucher = null } }, cancellationToken).ConfigureAwait(false);
            return;
        }

        await ChangeAsync(fingerprint, before => before with { Intro = before.Intro with { IsMade = true, Voucher = null } }, cancellationToken).ConfigureAwait(false);
    }

    private static CreateChannel CreateIntro(OwnIntro intro) => new()
    {
        Channel = intro.Channel.ToWire(),
        Kind = ChannelKind.Intro,
        WriteCapabilityHash = intro.OwnerCapability.HashToWire(),
        Mailbox = intro.Mailbox.ToWire(),
        ReadCapabilityHash = intro.ReadCapability.HashToWire(),
        Token = new() { Type = 1, Value = intro.Voucher!.Value.ToWire() },
    };

    private async Task PublishReachabilityAsync(Bytes16 fingerprint, CancellationToken cancellationToken)
    {
        var own = state.Relays[fingerprint];
        var now = state.Time.GetUtcNow();
        if (own.IsReachable && now.ToUnixTimeSeconds() < own.ReachabilityRenew)
            return;
        if (own.IsReachable || own.Reachability is null)
            own = await ChangeAsync(fingerprint, before => SignReachability(before, now), cancellationToken).ConfigureAwait(false);
        try
        {
            await relay.Accounts.PublishReachabilityAsync(state.Signer, own.Reachability!, cancellationToken).ConfigureAwait(false);
        }
        catch (RelayRefusedException known) when (known.Problem is RelayProblem.Conflict or RelayProblem.Stale)
        {
            // It has this one: the answer was lost.
        }

        await ChangeAsync(fingerprint, before => before with { IsReachable = true }, cancellationToken).ConfigureAwait(false);
    }

    private OwnRelay SignReachability(OwnRelay own, DateTimeOffset now)
    {
        var account = state.RequireAccount();
        var number = Math.Max(own.ReachabilityNumber + 1, (ulong)now.ToUnixTimeMilliseconds());
        var body = new ReachabilityRecord
        {
            Account = account.Id.Value,
            DeviceKey = account.Device,
            Number = number,
            RelayUrl = Encoding.UTF8.GetBytes(own.Urls[0]),
            RelayFingerprint = own.Fingerprint,
            IntroChannel = own.Intro.Channel,
            IntroKey = IntroSealing.PublicKeyOf(state.Crypto, own.Intro.PrivateKey),
            Expires = (ulong)(now + ReachabilityLasts).ToUnixTimeSeconds(),
        }.EncodeBody();
        return own with
        {
            Reachability = RecordSigning.Sign(account.DeviceKey, SignContent.Reachability, body).Encode(),
            ReachabilityNumber = number,
            ReachabilityRenew = (now + ReachabilityRenewed).ToUnixTimeSeconds(),
            IsReachable = false,
        };
    }

    /// <summary>
    /// The first few, which somebody new may need at once, and in place of all others each two weeks. The keys are stored before the
    /// packages are published; a repeat makes new ones.
    /// </summary>
    private async Task PublishKeyPackagesAsync(Bytes16 fingerprint, CancellationToken cancellationToken)
    {
        var now = state.Time.GetUtcNow();
        if (state.Relays[fingerprint] is { HasKeyPackages: true } own && now.ToUnixTimeSeconds() < own.KeyPackagesRenew)
            return;
        await AddKeyPackagesAsync(FirstKeyPackages, withLast: true, replace: true, now, cancellationToken).ConfigureAwait(false);
        await ChangeAsync(
            fingerprint, before => before with { HasKeyPackages = true, KeyPackagesRenew = (now + KeyPackagesRenewed).ToUnixTimeSeconds(), KeyPackagesCount = 0 }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Fills the one-time KeyPackages up and renews a last-resort one that was handed out, each day and whenever one was used.</summary>
    public async Task RefillKeyPackagesAsync(Bytes16 fingerprint, CancellationToken cancellationToken)
    {
        var now = state.Time.GetUtcNow();
        if (now.ToUnixTimeSeconds() < state.Relays[fingerprint].KeyPackagesCount)
            return;
        var there = await relay.Accounts.CountKeyPackagesAsync(state.Signer, cancellationToken).ConfigureAwait(false);
        var missing = Math.Max(0, Limits.KeyPackages - there.OneTime);
        var needsLast = !there.LastResort || there.LastResortUsed;
        if (missing > 0 || needsLast)
            await AddKeyPackagesAsync(missing, needsLast, replace: false, now, cancellationToken).ConfigureAwait(false);
        await DeleteOldKeyPackagesAsync(now, cancellationToken).ConfigureAwait(false);
        await ChangeAsync(fingerprint, before => before with { KeyPackagesCount = (now + KeyPackagesCounted).ToUnixTimeSeconds() }, cancellationToken).ConfigureAwait(false);
    }

    private async Task AddKeyPackagesAsync(int count, bool withLast, bool replace, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var expires = (uint)((now + KeyPackageLasts).ToUnixTimeSeconds() / 86_400) - 1;
        var changes = new StoreChanges();
        var packages = Enumerable.Range(0, count).Select(_ => new KeyPackageItem(Make(changes, now, isLast: false), expires)).ToArray();
        var last = withLast ? new KeyPackageItem(Make(changes, now, isLast: true), expires) : null;
        using (await state.EnterAsync(cancellationToken).ConfigureAwait(false))
            await state.CommitAsync(changes).ConfigureAwait(false);
        await relay.Accounts.AddKeyPackagesAsync(state.Signer, new(packages, last, replace), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Whoever claimed a package may use it until it expires, and a Welcome may lie at the relay for as long as its shared part
    /// lives. After that nothing can come that needs the private keys, replaced or not.
    /// </summary>
    private async Task DeleteOldKeyPackagesAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        using (await state.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            var changes = new StoreChanges();
            foreach (var record in await state.Store.ReadAsync(StoreTable.KeyPackages, default, cancellationToken).ConfigureAwait(false))
            {
                using var keys = KeyPackageKeys.Decode(record.Value);
                if (keys.KeyPackage.LeafNode.Lifetime is { } lifetime && DateTimeOffset.FromUnixTimeSeconds((long)lifetime.NotAfter) + WelcomeLasts < now)
                    changes.Delete(record.Key);
            }

            if (!changes.IsEmpty)
                await state.CommitAsync(changes).ConfigureAwait(false);
        }
    }

    private byte[] Make(StoreChanges changes, DateTimeOffset now, bool isLast)
    {
        var account = state.RequireAccount();
        var parameters = new KeyPackageParameters(account.DeviceKey, account.Credential, Lifetime.From(now, KeyPackageLasts))
        {
            LeafExtensions = new ExtensionList([new LeafInfo(null, account.List, null).ToExtension()]),
        };
        using var keys = state.Mls.CreateKeyPackage(ClientState.Suite, isLast ? parameters.AsLastResort() : parameters);
        changes.Save(new(StoreTable.KeyPackages, default, KeyPackageNames.Of(state.Crypto, keys.KeyPackage.Encoded.Span)), keys.Encode());
        return MlsMessage.Of(keys.KeyPackage).Encoded.ToArray();
    }

    private async Task<OwnRelay> ChangeAsync(Bytes16 fingerprint, Func<OwnRelay, OwnRelay> change, CancellationToken cancellationToken)
    {
        using (await state.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            var changed = change(state.Relays[fingerprint]);
            await state.SaveAsync(changed).ConfigureAwait(false);
            return changed;
        }
    }
}
