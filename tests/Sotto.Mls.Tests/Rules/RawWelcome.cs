using Sotto.Mls.Groups;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Schedule;
using Sotto.Mls.Tests.Groups;

namespace Sotto.Mls.Tests.Rules;

/// <summary>
/// A Welcome (RFC 9420 §12.4.3.1) that its maker opens and packs again with something changed: GroupInfo signed again, with
/// the confirmation tag of what is in it, everything encrypted again.
/// </summary>
internal sealed class RawWelcome
{
    private readonly SuiteCrypto _crypto;
    private readonly KeyPackageKeys _keys;

    /// <param name="adder">Who made it and is in its epoch.</param>
    /// <param name="welcome">The Welcome.</param>
    /// <param name="keys">The KeyPackage of who joins.</param>
    public RawWelcome(Person adder, Welcome welcome, KeyPackageKeys keys)
    {
        _crypto = adder.Group.Current.Crypto;
        _keys = keys;
        Suite = welcome.CipherSuite;
        Reference = keys.KeyPackage.Reference(_crypto);
        Info = new RawGroupInfo(adder) { ExternalPub = null };
        var entry = welcome.Secrets.Single(secrets => secrets.NewMember.Span.SequenceEqual(Reference));
        using var plaintext = _crypto.DecryptWithLabel(keys.InitKey.Bytes, "Welcome"u8, welcome.EncryptedGroupInfo.Span, entry.Encrypted)!;
        using var secrets = GroupSecrets.Read(plaintext.Bytes);
        Joiner = secrets.JoinerSecret.Bytes.ToArray();
        PathSecret = secrets.PathSecret?.Bytes.ToArray();
        Psks = [.. secrets.Psks];
    }

    public RawGroupInfo Info { get; }

    public CipherSuiteId Suite { get; set; }

    public byte[] Reference { get; set; }

    public byte[] Joiner { get; set; }

    public byte[]? PathSecret { get; set; }

    public List<PreSharedKeyId> Psks { get; }

    /// <summary>The keys of <see cref="Psks"/>, in their order.</summary>
    public List<byte[]> PskKeys { get; } = [];

    public Func<byte[], byte[]> ConfirmationTag { get; set; } = tag => tag;

    public Func<HpkeCiphertext, HpkeCiphertext> Secrets { get; set; } = secrets => secrets;

    /// <summary>Changes the encrypted GroupInfo before it is authenticated with the secrets.</summary>
    public Func<byte[], byte[]> EncryptedInfo { get; set; } = info => info;

    public byte[] Encode()
    {
        var keys = Psks.Zip(PskKeys, (id, key) => new PreSharedKey(id, Secret.CopyOf(key))).ToList();
        using var pskSecret = PskSecret.Compute(_crypto, keys);
        keys.ForEach(key => key.Key.Dispose());
        using var builder = EpochBuilder.Join(
            _crypto, Info.Context, Secret.CopyOf(Joiner), KeySchedule.MemberSecret(_crypto, Joiner, pskSecret.Bytes));
        Info.ConfirmationTag = ConfirmationTag(builder.ConfirmationTag);

        var (key, nonce) = KeySchedule.WelcomeKey(_crypto, builder.MemberSecret);
        using var ownedKey = key;
        using var ownedNonce = nonce;
        var info = EncryptedInfo(_crypto.Seal(key.Bytes, nonce.Bytes, default, Info.EncodeBare()));
        var secrets = Secrets(_crypto.EncryptWithLabel(_keys.KeyPackage.InitKey.Span, "Welcome"u8, info, GroupSecretsBytes()));
        return Framing.MlsMessage.Of(new Welcome(Suite, [new EncryptedGroupSecrets(Reference, secrets)], info)).Encoded.ToArray();
    }

    private byte[] GroupSecretsBytes() => TlsWriter.Encode(writer =>
    {
        writer.WriteVector(Joiner);
        if (writer.WriteOptional(PathSecret is not null))
            writer.WriteVector(PathSecret);
        writer.WriteList(Psks, (to, psk) => psk.Write(to));
    });
}
