using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
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
    private volatile Refused? _refused;

    private RelayCertificate(TlsFiles files)
    {
        _files = files;
        _loaded = Read();
    }

    /// <summary>
    /// What the next handshake shows: the certificate, and the issuers that its file holds beside it. One that was replaced is
    /// left to running handshakes and the collector.
    /// </summary>
    public SslStreamCertificateContext Current => _loaded.Context;

    /// <summary>Why the files that lie there now are not in use; null when they are.</summary>
    public string? Trouble => _refused?.Reason;

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
    public CertificateReload Reload()
    {
        var stamp = Stamp();
        if (stamp == (_refused?.Stamp ?? _loaded.Stamp))
            return CertificateReload.Unchanged;
        try
        {
            var (before, after) = (_loaded, Read());
            (_loaded, _refused) = (after, null);
            return before.SpkiHash == after.SpkiHash ? CertificateReload.Unchanged : CertificateReload.Changed;
        }
        catch (StorageException unusable)
        {
            _refused = new(stamp, unusable.Message);
            return CertificateReload.Refused;
        }
    }

    private Loaded Read()
    {
        try
        {
            var stamp = Stamp();
            var certificate = Usable(X509Certificate2.CreateFromPemFile(_files.Certificate, _files.Key));
            var others = new X509Certificate2Collection();
            others.ImportFromPemFile(_files.Certificate);
            var context = SslStreamCertificateContext.Create(certificate, others, offline: true);
            return new(context, Bytes32.HashOf(certificate.PublicKey.ExportSubjectPublicKeyInfo()), stamp);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(StorageFailure.Damaged, $"The certificate cannot be read: {e.Message}");
        }
        catch (CryptographicException)
        {
            throw new StorageException(StorageFailure.Damaged, $"{_files.Certificate} and {_files.Key} are not a certificate and its key.");
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
        PrivateFile.Write(path, Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n"));
    }

    private sealed record Loaded(SslStreamCertificateContext Context, Bytes32 SpkiHash, (DateTime, DateTime) Stamp);

    private sealed record Refused((DateTime, DateTime) Stamp, string Reason);
}

/// <summary>What looking at the certificate's files came to.</summary>
internal enum CertificateReload
{
    /// <summary>Nothing new.</summary>
    Unchanged,

    /// <summary>Another key is in use.</summary>
    Changed,

    /// <summary>What lies there now cannot be used.</summary>
    Refused,
}
