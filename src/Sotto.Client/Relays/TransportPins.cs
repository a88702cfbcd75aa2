using System.Net.Security;
using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using Sotto.Wire;
using Sotto.Wire.Records;

namespace Sotto.Client.Relays;

/// <summary>
/// Whose certificate TLS accepts. Until the relay's statement is checked any is seen and remembered, and nothing secret is sent;
/// from then on every connection must show what the statement says: one of its keys, or what the system trusts for the name.
/// </summary>
internal sealed class TransportPins
{
    private readonly Lock _gate = new();
    private readonly HashSet<Bytes32> _seen = [];
    private bool _wasTrusted = true;
    private RelayAddress? _required;

    /// <summary>TLS of .NET asks this for each connection; a browser does not let anybody see certificates.</summary>
    [UnsupportedOSPlatform("browser")]
    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
            return false;
        using var parsed = new X509Certificate2(certificate);
        var hash = Bytes32.HashOf(parsed.PublicKey.ExportSubjectPublicKeyInfo());
        lock (_gate)
        {
            if (_required is { } address)
                return Fits(address, hash, errors == SslPolicyErrors.None);
            _seen.Add(hash);
            _wasTrusted &= errors == SslPolicyErrors.None;
            return true;
        }
    }

    /// <summary>Binds every later connection to an address of the statement.</summary>
    /// <returns>False when what was seen until now was not that.</returns>
    public bool TryRequire(RelayAddress address)
    {
        lock (_gate)
        {
            _required = address;
            return address.Proof == TransportProof.Loopback ? _seen.Count == 0 : _seen.Count > 0 && _seen.All(hash => Fits(address, hash, _wasTrusted));
        }
    }

    private static bool Fits(RelayAddress address, Bytes32 hash, bool isTrusted) => address.Proof switch
    {
        TransportProof.Spki => address.SpkiHashes.Contains(hash),
        TransportProof.WebPki => isTrusted,
        _ => false,
    };
}
