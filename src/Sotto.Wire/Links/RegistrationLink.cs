using System.Buffers;
using System.Buffers.Text;
using Sotto.Wire.Records;

namespace Sotto.Wire.Links;

/// <summary>
/// The operator's link, which makes an account and nothing else: <c>sotto:g/HOST:PORT#</c> and base64url of
/// <c>uint8 format = 1; opaque relay_fingerprint[16]; opaque token[32]; uint32 expires_hour</c>. Whoever has it may register.
/// </summary>
/// <param name="Address">HOST:PORT.</param>
/// <param name="Fingerprint">The relay's.</param>
/// <param name="Token">The registration token. Secret.</param>
/// <param name="ExpiresHour">Unix hours.</param>
public sealed record RegistrationLink(string Address, Bytes16 Fingerprint, Bytes32 Token, uint ExpiresHour)
{
    /// <summary>What every such link begins with.</summary>
    public const string Scheme = "sotto:g/";

    private const byte Format = 1;

    /// <summary>Reads a link.</summary>
    /// <returns>False when it is none.</returns>
    public static bool TryParse(string text, out RegistrationLink? link)
    {
        link = null;
        var hash = text.IndexOf('#', StringComparison.Ordinal);
        if (!text.StartsWith(Scheme, StringComparison.Ordinal) || hash <= Scheme.Length)
            return false;
        var bytes = new byte[128];
        if (Base64Url.DecodeFromChars(text.AsSpan(hash + 1), bytes, out _, out var length) != OperationStatus.Done)
            return false;
        var reader = new TlsReader(bytes.AsSpan(0, length));
        var known = reader.Byte() == Format;
        var read = new RegistrationLink(text[Scheme.Length..hash], reader.Sixteen(), reader.ThirtyTwo(), reader.Number32());
        if (!known || !reader.AtEnd)
            return false;
        link = read;
        return true;
    }

    /// <summary>The link to hand over.</summary>
    public string ToLink() => Scheme + Address + "#" + Base64Url.EncodeToString(
        new TlsWriter().Byte(Format).Sixteen(Fingerprint).ThirtyTwo(Token).Number32(ExpiresHour).Written);

    /// <summary>Not the token: a link is only shown on purpose.</summary>
    public override string ToString() => $"{Scheme}{Address}#…";
}
