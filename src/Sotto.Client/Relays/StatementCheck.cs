using Sotto.Client.Accounts;
using Sotto.Crypto;
using Sotto.Wire.Records;

namespace Sotto.Client.Relays;

/// <summary>Whether what answers at a URL is the relay that was named (docs/protocol/records.md).</summary>
internal static class StatementCheck
{
    /// <summary>Checks a signed statement and gives it.</summary>
    /// <exception cref="ClientException">It is another relay's, too old, or does not name this way to it.</exception>
    public static (RelayStatement Statement, RelayAddress Address) Require(ICryptoProvider crypto, RelayEndpoint endpoint, Uri url, byte[] encoded, ulong lowest, DateTimeOffset now)
    {
        var statement = Read(crypto, encoded);
        if (RelayStatement.FingerprintOf(statement.IdentityKey) != endpoint.Fingerprint)
            throw NotGenuine("Another relay answers there than the one that was named.");
        if (statement.Number < lowest)
            throw NotGenuine("The relay shows an older statement of its identity than before.");
        if (statement.Expires < (ulong)Math.Max(0, now.ToUnixTimeSeconds()))
            throw NotGenuine("The relay's statement of its identity has expired, or this machine's clock is wrong.");
        var address = statement.Addresses.FirstOrDefault(address => Allows(address, url))
            ?? throw NotGenuine("The relay's statement does not name this way to it.");
        return (statement, address);
    }

    private static RelayStatement Read(ICryptoProvider crypto, byte[] encoded)
    {
        try
        {
            var signed = SignedRecord.Decode(encoded);
            var statement = RelayStatement.Decode(signed.Body.Span);
            if (RecordSigning.Verifies(crypto, statement.IdentityKey, SignContent.RelayStatement, signed))
                return statement;
        }
        catch (RecordException)
        {
            // The same answer as for a wrong signature.
        }

        throw NotGenuine("What answers there does not prove that it is a relay.");
    }

    /// <summary>Plain on loopback alone. With TLS the certificate decides (<see cref="TransportPins"/>); a proxy's is checked by its name.</summary>
    private static bool Allows(RelayAddress address, Uri url) => address.Proof switch
    {
        TransportProof.Loopback => url.Scheme == Uri.UriSchemeHttp && url.IsLoopback,
        TransportProof.Spki => url.Scheme == Uri.UriSchemeHttps && address.SpkiHashes.Count > 0,
        TransportProof.WebPki => url.Scheme == Uri.UriSchemeHttps && Uri.TryCreate(address.Url, UriKind.Absolute, out var named) && named.Authority == url.Authority,
        _ => false,
    };

    /// <summary>What answers is not the relay that was named.</summary>
    public static ClientException NotGenuine(string text) => new(ClientFailure.RelayNotGenuine, text);
}
