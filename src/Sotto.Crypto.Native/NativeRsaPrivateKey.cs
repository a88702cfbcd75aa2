using System.Security.Cryptography;

namespace Sotto.Crypto.Native;

/// <summary>An RSA key held by the operating system's library, which zeroes it when it is released.</summary>
internal sealed class NativeRsaPrivateKey(RSA rsa) : RsaPrivateKey
{
    private const int LargestModulus = 512;

    private bool _disposed;

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; } = rsa.ExportSubjectPublicKeyInfo();

    /// <inheritdoc/>
    public override bool TryDecryptOaepSha256(ReadOnlySpan<byte> ciphertext, Span<byte> message)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (ciphertext.Length != rsa.KeySize / 8)
            return false;

        Span<byte> opened = stackalloc byte[LargestModulus];
        try
        {
            var length = rsa.Decrypt(ciphertext, opened, RSAEncryptionPadding.OaepSHA256);
            if (length != message.Length)
                return false;
            opened[..length].CopyTo(message);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(opened);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _disposed = true;
        if (disposing)
            rsa.Dispose();
    }
}
