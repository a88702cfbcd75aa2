using Sotto.Client.Accounts;
using Sotto.Crypto;
using Sotto.Wire;
using Sotto.Wire.Records;

namespace Sotto.Client.Relays;

/// <summary>Signs requests to the account plane with the device's key.</summary>
public sealed class RequestSigner
{
    private readonly SigningKey _key;

    /// <summary>A signer for an account's device.</summary>
    /// <param name="account">The account.</param>
    /// <param name="key">The device's key, which the caller keeps alive.</param>
    public RequestSigner(AccountId account, SigningKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        (Account, _key, Key) = (account, key, new(key.PublicKey));
    }

    /// <summary>The account.</summary>
    public AccountId Account { get; }

    /// <summary>The device's public key.</summary>
    public Bytes32 Key { get; }

    /// <summary>The signature of a request, for one relay and nonce.</summary>
    public byte[] Sign(Bytes32 relayKey, string method, string target, ReadOnlySpan<byte> body, Bytes32 nonce) =>
        _key.Sign(new SignedRequest(relayKey, Account.Value, Key, method, target, Bytes32.HashOf(body), nonce).ToSign());
}
