namespace Sotto.Crypto;

/// <summary>What is wrong with cryptographic bytes that came from somebody else.</summary>
public enum CryptoFailure
{
    /// <summary>A key, point or ciphertext has the wrong length.</summary>
    WrongLength,

    /// <summary>A public key is not canonical, of low order, or fails its algorithm's key check.</summary>
    UnusablePublicKey,

    /// <summary>A key agreement gave the all-zero secret (RFC 7748 §6.1).</summary>
    ZeroSharedSecret,

    /// <summary>A ciphertext does not open.</summary>
    DoesNotOpen,
}

/// <summary>A peer's key or ciphertext cannot be used. The text names the reason and holds no bytes of it.</summary>
public sealed class CryptoException(CryptoFailure failure, string message) : Exception(message)
{
    /// <summary>The reason, for callers that act on it.</summary>
    public CryptoFailure Failure { get; } = failure;
}
