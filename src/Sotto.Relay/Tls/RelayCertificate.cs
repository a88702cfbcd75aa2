using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sotto.Relay.Storage;
using Sotto.Wire;

namespace Sotto.Relay.Tls;

/// <summary>
/// The certificate that new connections get. Clients trust it by the hash in the relay's signed statement, not by its name or
/// dates, so a self-made one lasts as long as its file.
/// </summary>
internal sealed class RelayCertificate
{
    private const string OwnFile = "tls.pem";
    private static readonly DateTimeOffset NoExpiry = new(9999, 12, 31, 23, 59, 59, TimeSpan.Zero);

    private readonly TlsFiles _files;
    private volatile Loaded _loaded;

    private RelayCertificate(TlsFiles files)
    {
        _files = files;
        _loaded = Read();
    }

    /// <summary>What the next handshake uses. One that was replaced is left to running handshakes and the collector.</summary>
    public X509Certificate2 Current => _loaded.Certificate;

    /// <summary>H of the certificate's SubjectPublicKeyInfo.</summary>
    public Bytes32 SpkiHash => _loaded.SpkiHash;

    /// <summary>The operator's certificate, or the folder's own one, which the first call makes.</summary>
    /// <exception cref="StorageException">A file is missing or holds no certificate with its key.</exception>
    public static RelayCertificate Open(TlsFiles? files, string folder, TimeProvider time)
    {
        var own = Path.Combine(folder, OwnFile);
        if (files is null && !File.Exists(own))
            Make(own, time);
        return new(files ?? new(own, own));
    }

    /// <summary>Reads files that changed. Unusable ones leave the certificate that is in use.</summary>
    /// <returns>Whether another certificate is in use now.</returns>
    public bool Reload()
    {
        if (Stamp() == _loaded.Stamp)
            return false;
        try
        {
            var (before, after) = (_loaded, Read());
            _loaded = after;
            return before.SpkiHash != after.SpkiHash;
        }
        catch (StorageException)
        {
            return false;
        }
    }

    private Loaded Read()
    {
        try
        {
            var stamp = Stamp();
            var certificate = Usable(X509Certificate2.CreateFromPemFile(_files.Certificate, _files.Key));
            return new(certificate, Bytes32.HashOf(certificate.PublicKey.ExportSubjectPublicKeyInfo()), stamp);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new StorageException(StorageFailure.Damaged, $"{_files.Certificate} and {_files.Key} are not a certificate and its key. They were not changed.");
        }
    }

    private (DateTime Certificate, DateTime Key) Stamp() =>
        (File.GetLastWriteTimeUtc(_files.Certificate), File.GetLastWriteTimeUtc(_files.Key));

    /// <summary>Windows does not serve with a key that is in memory alone.</summary>
    private static X509Certificate2 Usable(X509Certificate2 read)
    {
        if (!OperatingSystem.IsWindows())
            return read;
        using (read)
            return X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), null);
    }

    private static void Make(string path, TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=sotto relay", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(time.GetUtcNow().AddDays(-1), NoExpiry);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var temporary = path + ".new";
        File.Delete(temporary);
        using (var stream = new FileStream(temporary, options))
        {
            using var text = new StreamWriter(stream, leaveOpen: true);
            text.WriteLine(certificate.ExportCertificatePem());
            text.WriteLine(key.ExportPkcs8PrivateKeyPem());
            text.Flush();
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path);
    }

    private sealed record Loaded(X509Certificate2 Certificate, Bytes32 SpkiHash, (DateTime, DateTime) Stamp);
}
