using Sotto.Mls.Groups;
using Sotto.Mls.Suites;

namespace Sotto.Mls.Schedule;

/// <summary>
/// The secrets of an epoch that outlive its derivation (RFC 9420 §8). The encryption secret is not among them: it goes
/// to the secret tree and is spent there. The owner disposes it.
/// </summary>
internal sealed class EpochSecrets : IDisposable
{
    private SecretSource? _senderDataSource;

    public required Secret Init { get; init; }

    public required Secret SenderData { get; init; }

    public required Secret Exporter { get; init; }

    public required Secret External { get; init; }

    public required Secret Confirmation { get; init; }

    public required Secret Membership { get; init; }

    public required Secret Resumption { get; init; }

    /// <summary>For comparing with other members (§8.7); not secret from them, and kept as bytes.</summary>
    public required byte[] Authenticator { get; init; }

    /// <summary>The confirmation tag of the epoch's commit, or of creation (§8.1).</summary>
    public byte[] ConfirmationTag(SuiteCrypto crypto, ReadOnlySpan<byte> confirmedTranscriptHash) =>
        crypto.Mac(Confirmation.Bytes, confirmedTranscriptHash);

    /// <summary>MLS-Exporter (§8.5). The caller disposes the result.</summary>
    public Secret Export(SuiteCrypto crypto, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, int length)
    {
        using var derived = crypto.DeriveSecret(Exporter.Bytes, label);
        return crypto.ExpandWithLabel(derived.Bytes, "exported"u8, crypto.Hash(context), length);
    }

    /// <summary>The private half of the key for external commits (§8). The caller disposes it.</summary>
    public Secret ExternalPrivateKey(SuiteCrypto crypto) => crypto.Hpke.DerivePrivateKey(External.Bytes);

    /// <summary>The sender data secret made ready once for all messages of the epoch; disposed here.</summary>
    public SecretSource SenderDataSource(SuiteCrypto crypto) => _senderDataSource ??= crypto.Open(SenderData.Bytes);

    public void Dispose()
    {
        _senderDataSource?.Dispose();
        Init.Dispose();
        SenderData.Dispose();
        Exporter.Dispose();
        External.Dispose();
        Confirmation.Dispose();
        Membership.Dispose();
        Resumption.Dispose();
    }
}

/// <summary>The derivation of an epoch's secrets (RFC 9420 §8, the figure).</summary>
internal static class KeySchedule
{
    /// <summary>joiner_secret from the last init secret and this commit's secret. The caller disposes it.</summary>
    public static Secret JoinerSecret(SuiteCrypto crypto, ReadOnlySpan<byte> initSecret, ReadOnlySpan<byte> commitSecret, GroupContext context)
    {
        using var extracted = crypto.Extract(initSecret, commitSecret);
        return crypto.ExpandWithLabel(extracted.Bytes, "joiner"u8, context.Encoded, crypto.HashLength);
    }

    /// <summary>The secret between joiner and epoch, from which the Welcome's key comes too. The caller disposes it.</summary>
    public static Secret MemberSecret(SuiteCrypto crypto, ReadOnlySpan<byte> joinerSecret, ReadOnlySpan<byte> pskSecret) =>
        crypto.Extract(joinerSecret, pskSecret);

    /// <summary>The key and nonce that a Welcome's GroupInfo is encrypted under (§12.4.3.1). The caller disposes both.</summary>
    public static (Secret Key, Secret Nonce) WelcomeKey(SuiteCrypto crypto, Secret memberSecret)
    {
        using var welcome = crypto.DeriveSecret(memberSecret.Bytes, "welcome"u8);
        using var source = crypto.Open(welcome.Bytes);
        return (source.Expand("key"u8, default, crypto.KeyLength), source.Expand("nonce"u8, default, crypto.NonceLength));
    }

    /// <summary>The epoch's secrets. The caller disposes both results.</summary>
    public static (EpochSecrets Secrets, Secret Encryption) Epoch(SuiteCrypto crypto, Secret memberSecret, GroupContext context)
    {
        using var epoch = crypto.ExpandWithLabel(memberSecret.Bytes, "epoch"u8, context.Encoded, crypto.HashLength);
        return Epoch(crypto, epoch);
    }

    /// <summary>The epoch's secrets from the epoch secret itself, which a creator chooses (§11). The caller disposes both results.</summary>
    public static (EpochSecrets Secrets, Secret Encryption) Epoch(SuiteCrypto crypto, Secret epoch)
    {
        using var source = crypto.Open(epoch.Bytes);
        using var authenticator = source.Derive("authentication"u8);
        var secrets = new EpochSecrets
        {
            SenderData = source.Derive("sender data"u8),
            Exporter = source.Derive("exporter"u8),
            External = source.Derive("external"u8),
            Confirmation = source.Derive("confirm"u8),
            Membership = source.Derive("membership"u8),
            Resumption = source.Derive("resumption"u8),
            Init = source.Derive("init"u8),
            Authenticator = authenticator.Bytes.ToArray(),
        };
        return (secrets, source.Derive("encryption"u8));
    }
}
