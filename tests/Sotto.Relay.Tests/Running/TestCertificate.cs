using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sotto.Wire;

namespace Sotto.Relay.Tests.Running;

/// <summary>Certificates that an operator or an attacker may have.</summary>
public static class TestCertificate
{
    private static readonly DateTimeOffset From = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Until = new(2036, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static X509Certificate2 Make(string name = "relay.example")
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest($"CN={name}", pair, HashAlgorithmName.SHA256).CreateSelfSigned(From, Until);
    }

    /// <summary>Writes a new one with its key, as of a time that a relay takes for a change.</summary>
    public static Bytes32 Write(string certificate, string key, DateTime written)
    {
        using var made = Make();
        using var pair = made.GetECDsaPrivateKey()!;
        WriteFiles(certificate, key, made.ExportCertificatePem(), pair, written);
        return CheckedConnection.SpkiHashOf(made);
    }

    /// <summary>Writes one that an intermediate authority issued, with that authority's certificate behind it.</summary>
    public static Bytes32 WriteChain(string certificate, string key)
    {
        using var root = Authority("root", null);
        using var intermediate = Authority("intermediate", root);
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var leaf = new CertificateRequest("CN=relay.example", pair, HashAlgorithmName.SHA256).Create(intermediate, From, Until, [2]);
        WriteFiles(certificate, key, leaf.ExportCertificatePem() + "\n" + intermediate.ExportCertificatePem(), pair, From.UtcDateTime);
        return CheckedConnection.SpkiHashOf(intermediate);
    }

    private static X509Certificate2 Authority(string name, X509Certificate2? issuer)
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", pair, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        if (issuer is null)
            return request.CreateSelfSigned(From, Until);
        using var made = request.Create(issuer, From, Until, [1]);
        return made.CopyWithPrivateKey(pair);
    }

    private static void WriteFiles(string certificate, string key, string pem, ECDsa pair, DateTime written)
    {
        File.WriteAllText(certificate, pem);
        File.WriteAllText(key, pair.ExportPkcs8PrivateKeyPem());
        File.SetLastWriteTimeUtc(certificate, written);
        File.SetLastWriteTimeUtc(key, written);
    }
}
