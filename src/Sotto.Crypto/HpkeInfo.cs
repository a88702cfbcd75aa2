namespace Sotto.Crypto;

/// <summary>What both sides of an HPKE message know about its purpose (RFC 9180 §5.1), hashed once for many receivers.</summary>
public sealed class HpkeInfo
{
    internal HpkeInfo(byte[] hash) => Hash = hash;

    internal byte[] Hash { get; }
}
