using System.Text;
using Sotto.Crypto;
using Sotto.Wire;
using Sotto.Wire.Records;

namespace Sotto.Client.Accounts;

/// <summary>
/// The name that an account shows: <c>uint8 type = 5; uint8 format = 1; opaque account_id[32], device_key[32]; uint64 number;
/// opaque name&lt;V&gt;, picture&lt;V&gt;; extensions&lt;V&gt;</c>, signed by the device. It travels inside conversations only.
/// </summary>
/// <param name="Account">Whose.</param>
/// <param name="Device">Which device signed.</param>
/// <param name="Number">The highest one counts.</param>
/// <param name="Name">The name.</param>
internal sealed record Profile(AccountId Account, Bytes32 Device, ulong Number, string Name)
{
    public const int MaxName = 128;
    public const int MaxPicture = 16 * 1024;
    private const byte Format = 1;

    public SignedRecord Sign(SigningKey device) => RecordSigning.Sign(device, RecordSigning.Profile, new TlsWriter()
        .Byte((byte)RecordType.Profile).Byte(Format).ThirtyTwo(Account.Value).ThirtyTwo(Device).Number64(Number)
        .Vector(Encoding.UTF8.GetBytes(Name)).Vector([]).Vector([]).ToArray());

    /// <summary>Reads a profile that the device must have signed; null when it did not or the bytes are none.</summary>
    public static Profile? Verify(ICryptoProvider crypto, SignedRecord signed, AccountId account, Bytes32 device)
    {
        var reader = new TlsReader(signed.Body.Span);
        var known = reader.Byte() == (byte)RecordType.Profile & reader.Byte() == Format;
        var (owner, signer, number) = (reader.ThirtyTwo(), reader.ThirtyTwo(), reader.Number64());
        var name = reader.Vector();
        var picture = reader.Vector();
        reader.Vector();
        var holds = known && reader.AtEnd && owner == account.Value && signer == device
            && name.Length is > 0 and <= MaxName && picture.Length <= MaxPicture
            && System.Text.Unicode.Utf8.IsValid(name)
            && RecordSigning.Verifies(crypto, device, RecordSigning.Profile, signed);
        return holds ? new(account, device, number, Encoding.UTF8.GetString(name)) : null;
    }
}
