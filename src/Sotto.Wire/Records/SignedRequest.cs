using System.Text;

namespace Sotto.Wire.Records;

/// <summary>
/// What a request to the account plane signs: <c>opaque relay_identity_key[32]; opaque account_id[32]; opaque key[32];
/// opaque method&lt;V&gt;; opaque target&lt;V&gt;; opaque body_hash[32]; opaque nonce[32]</c>. The relay's identity inside keeps a relay
/// from forwarding it to another.
/// </summary>
/// <param name="RelayIdentityKey">Whom the request is for.</param>
/// <param name="Account">Whose account.</param>
/// <param name="Key">The key that signs: the device's, or in a recovery the recovery key.</param>
/// <param name="Method">The HTTP method, in capitals.</param>
/// <param name="Target">The request target as sent, with the query.</param>
/// <param name="BodyHash">H of the body, also of an empty one.</param>
/// <param name="Nonce">From the relay, once.</param>
public sealed record SignedRequest(Bytes32 RelayIdentityKey, Bytes32 Account, Bytes32 Key, string Method, string Target, Bytes32 BodyHash, Bytes32 Nonce)
{
    /// <summary>The bytes to sign, label included.</summary>
    public byte[] ToSign() => SignContent.Encode(SignContent.Request, new TlsWriter()
        .ThirtyTwo(RelayIdentityKey).ThirtyTwo(Account).ThirtyTwo(Key)
        .Vector(Encoding.ASCII.GetBytes(Method)).Vector(Encoding.ASCII.GetBytes(Target))
        .ThirtyTwo(BodyHash).ThirtyTwo(Nonce).Written);
}
