using Sotto.Mls.Suites;

namespace Sotto.Mls.Schedule;

/// <summary>The init secret that an external commit brings (RFC 9420 §8.3).</summary>
internal static class ExternalInit
{
    private static ReadOnlySpan<byte> Context => "MLS 1.0 external init secret"u8;

    /// <summary>For the joiner. The caller disposes the secret.</summary>
    public static HpkeExport Send(SuiteCrypto crypto, ReadOnlySpan<byte> externalPublicKey) =>
        crypto.Hpke.SendExport(externalPublicKey, default, Context, crypto.HashLength);

    /// <summary>For a member. The caller disposes the result.</summary>
    public static Secret Receive(SuiteCrypto crypto, EpochSecrets secrets, ReadOnlyMemory<byte> kemOutput)
    {
        using var privateKey = secrets.ExternalPrivateKey(crypto);
        try
        {
            return crypto.Hpke.ReceiveExport(privateKey.Bytes, kemOutput.Span, default, Context, crypto.HashLength);
        }
        catch (CryptoException)
        {
            throw new MlsException(MlsRule.ExternalInitOpens);
        }
    }
}
