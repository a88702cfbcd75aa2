namespace Sotto.Crypto.Tests.PublicKeyEncryption;

public sealed class HpkeTests
{
    private static readonly AeadAlgorithm[] Ciphers = [AeadAlgorithm.Aes128Gcm, AeadAlgorithm.Aes256Gcm, AeadAlgorithm.ChaCha20Poly1305];

    private static readonly byte[] Psk = [.. Enumerable.Repeat((byte)7, 32)];

    public static TheoryData<KemAlgorithm> Kems { get; } = new(Enum.GetValues<KemAlgorithm>());

    public static MatrixTheoryData<KemAlgorithm, AeadAlgorithm> Suites { get; } = new(Enum.GetValues<KemAlgorithm>(), Ciphers);

    [Theory]
    [MemberData(nameof(Suites))]
    public void What_is_sealed_to_a_new_key_opens_with_it_only(KemAlgorithm kem, AeadAlgorithm aead)
    {
        var hpke = new Hpke(Providers.Native, new HpkeAlgorithms(kem, HashAlgorithm.Sha384, aead));
        using var alice = hpke.GeneratePrivateKey();
        using var bob = hpke.GeneratePrivateKey();
        var (encapsulation, ciphertext) = Seal(hpke.Seal(hpke.PublicKey(alice.Bytes), "info"u8, "aad"u8, "secret"u8));

        Assert.Equal(hpke.EncapsulationLength, encapsulation.Length);
        Assert.Equal("secret"u8.ToArray(), Open(hpke, alice, encapsulation, "info"u8, "aad"u8, ciphertext));
        Assert.Null(Open(hpke, bob, encapsulation, "info"u8, "aad"u8, ciphertext));
        Assert.Null(Open(hpke, alice, encapsulation, "other"u8, "aad"u8, ciphertext));
        Assert.Null(Open(hpke, alice, encapsulation, "info"u8, "other"u8, ciphertext));
        Assert.Null(Open(hpke, alice, encapsulation, "info"u8, "aad"u8, ciphertext.AsSpan(1)));
        Assert.Null(Open(hpke, alice, encapsulation, "info"u8, "aad"u8, []));
    }

    [Theory]
    [MemberData(nameof(Kems))]
    public void An_exported_secret_is_shared_and_bound_to_its_context(KemAlgorithm kem)
    {
        var hpke = Suite(kem);
        using var key = hpke.GeneratePrivateKey();
        var (encapsulation, sent) = hpke.SendExport(hpke.PublicKey(key.Bytes), "info"u8, "context"u8, 48);
        using var received = hpke.ReceiveExport(key.Bytes, encapsulation, "info"u8, "context"u8, 48);
        using var other = hpke.ReceiveExport(key.Bytes, encapsulation, "info"u8, "contexts"u8, 48);

        Assert.Equal(48, sent.Length);
        Assert.Equal(sent.Bytes, received.Bytes);
        Assert.NotEqual(sent, other);
        sent.Dispose();
    }

    [Theory]
    [MemberData(nameof(Kems))]
    public void An_encapsulation_that_is_no_key_does_not_open(KemAlgorithm kem)
    {
        var hpke = Suite(kem);
        using var key = hpke.GeneratePrivateKey();
        var (encapsulation, ciphertext) = Seal(hpke.Seal(hpke.PublicKey(key.Bytes), [], [], []));

        foreach (var wrong in new[] { [], encapsulation[1..], [.. encapsulation, 0], new byte[encapsulation.Length] })
        {
            Assert.Null(Open(hpke, key, wrong, [], [], ciphertext));
            Assert.Throws<CryptoException>(() => hpke.ReceiveExport(key.Bytes, wrong, [], [], 32).Dispose());
        }
    }

    [Theory]
    [MemberData(nameof(Kems))]
    public void A_public_key_that_is_none_is_refused_before_and_by_sealing(KemAlgorithm kem)
    {
        var hpke = Suite(kem);
        using var key = hpke.GeneratePrivateKey();
        var publicKey = hpke.PublicKey(key.Bytes);
        hpke.RequirePublicKey(publicKey);

        foreach (var wrong in new[] { [], publicKey[1..], [.. publicKey, 0], [.. Enumerable.Repeat((byte)0xFF, publicKey.Length)], new byte[publicKey.Length] })
        {
            Assert.Throws<CryptoException>(() => hpke.RequirePublicKey(wrong));
            Assert.Throws<CryptoException>(() => hpke.Seal(wrong, [], [], []));
            Assert.Throws<CryptoException>(() => hpke.SendExport(wrong, [], [], 32));
        }
    }

    [Theory]
    [MemberData(nameof(Kems))]
    public void A_private_key_of_another_length_is_refused(KemAlgorithm kem)
    {
        var hpke = Suite(kem);
        using var key = hpke.GeneratePrivateKey();
        byte[] longer = [.. key.Bytes, 0];

        Assert.Equal(hpke.PrivateKeyLength, key.Length);
        Assert.Throws<ArgumentException>(() => hpke.PublicKey(longer));
        Assert.Throws<ArgumentException>(() => hpke.ReceiveExport(longer, new byte[hpke.EncapsulationLength], [], [], 32).Dispose());
        Assert.Throws<ArgumentException>(() => Open(hpke, key.Bytes[1..], new byte[hpke.EncapsulationLength], [], [], []));
    }

    [Theory]
    [MemberData(nameof(Kems))]
    public void Derived_keys_repeat_and_depend_on_every_byte(KemAlgorithm kem)
    {
        var hpke = Suite(kem);
        byte[] material = [.. Enumerable.Range(0, 64).Select(i => (byte)i)];
        using var key = hpke.DerivePrivateKey(material);
        using var again = hpke.DerivePrivateKey(material);
        material[^1] ^= 1;
        using var other = hpke.DerivePrivateKey(material);

        Assert.Equal(key, again);
        Assert.NotEqual(key, other);
        Assert.Equal(hpke.PublicKeyLength, hpke.PublicKey(key.Bytes).Length);
    }

    [Fact]
    public void The_form_of_XWings_derivation_is_the_suites()
    {
        byte[] material = [.. Enumerable.Repeat((byte)3, 32)];
        using var labeled = Suite(KemAlgorithm.XWing).DerivePrivateKey(material);
        using var plain = new Hpke(
            Providers.Native,
            new HpkeAlgorithms(KemAlgorithm.XWing, HashAlgorithm.Sha384, AeadAlgorithm.Aes256Gcm, XWingDerivation.Plain)).DerivePrivateKey(material);

        var expected = new byte[32];
        Providers.Native.XWingDerivePrivateKey(XWingDerivation.Labeled, material, expected);
        Assert.Equal(expected, labeled.Bytes);
        Providers.Native.XWingDerivePrivateKey(XWingDerivation.Plain, material, expected);
        Assert.Equal(expected, plain.Bytes);
    }

    private static HpkeCiphertext Ciphertext(byte encapsulation, byte ciphertext) => new(new[] { encapsulation }, new[] { ciphertext });

    private static (byte[] Encapsulation, byte[] Ciphertext) Seal(HpkeCiphertext sealedMessage) =>
        (sealedMessage.Encapsulation.ToArray(), sealedMessage.Ciphertext.ToArray());

    [Fact]
    public void Results_are_equal_when_their_bytes_are()
    {
        using var secret = Secret.CopyOf([1, 2]);
        using var same = Secret.CopyOf([1, 2]);
        using var other = Secret.CopyOf([1, 3]);

        Assert.Equal(Ciphertext(1, 2), Ciphertext(1, 2));
        Assert.Equal(Ciphertext(1, 2).GetHashCode(), Ciphertext(1, 2).GetHashCode());
        Assert.NotEqual(Ciphertext(1, 2), Ciphertext(1, 3));
        Assert.NotEqual(Ciphertext(1, 2), Ciphertext(3, 2));
        Assert.Equal(new HpkeExport([1], secret), new HpkeExport([1], same));
        Assert.Equal(new HpkeExport([1], secret).GetHashCode(), new HpkeExport([1], same).GetHashCode());
        Assert.NotEqual(new HpkeExport([1], secret), new HpkeExport([1], other));
        Assert.NotEqual(new HpkeExport([1], secret), new HpkeExport([2], same));
    }

    [Fact]
    public void Long_info_and_context_give_the_same_on_both_sides()
    {
        var hpke = Suite(KemAlgorithm.DhkemX25519);
        using var key = hpke.GeneratePrivateKey();
        var info = new byte[5000];
        var (encapsulation, ciphertext) = Seal(hpke.Seal(hpke.PublicKey(key.Bytes), info, info, info));

        Assert.Equal(info, Open(hpke, key, encapsulation, info, info, ciphertext));
        info[4999] = 1;
        Assert.Null(Open(hpke, key, encapsulation, info, new byte[5000], ciphertext));
    }

    [Fact]
    public void A_context_opens_messages_in_their_order_only_and_keeps_its_place()
    {
        var hpke = Suite(KemAlgorithm.XWing);
        using var key = hpke.GeneratePrivateKey();
        using var sender = hpke.SetupPskSender(hpke.PublicKey(key.Bytes), [], Psk, [1]);
        using var receiver = hpke.SetupPskReceiver(key.Bytes, sender.Encapsulation.Span, [], Psk, [1]);
        byte[][] sent = [sender.Seal([], "one"u8), sender.Seal([], "two"u8)];

        Assert.False(receiver.TryOpen([], sent[1], out var none));
        Assert.Null(none);
        Assert.True(receiver.TryOpen([], sent[0], out var one));
        Assert.False(receiver.TryOpen([], sent[0], out _));
        Assert.True(receiver.TryOpen([], sent[1], out var two));
        Assert.Equal("one"u8, one.Bytes);
        Assert.Equal("two"u8, two.Bytes);
        one.Dispose();
        two.Dispose();
    }

    [Fact]
    public void Without_the_same_pre_shared_key_nothing_opens()
    {
        var hpke = Suite(KemAlgorithm.DhkemX25519);
        using var key = hpke.GeneratePrivateKey();
        using var sender = hpke.SetupPskSender(hpke.PublicKey(key.Bytes), [], Psk, [1]);
        var message = sender.Seal([], []);

        using var otherKey = hpke.SetupPskReceiver(key.Bytes, sender.Encapsulation.Span, [], new byte[32], [1]);
        using var otherName = hpke.SetupPskReceiver(key.Bytes, sender.Encapsulation.Span, [], Psk, [2]);
        using var noKey = hpke.SetupBaseReceiver(key.Bytes, sender.Encapsulation.Span, []);
        Assert.False(otherKey.TryOpen([], message, out _));
        Assert.False(otherName.TryOpen([], message, out _));
        Assert.False(noKey.TryOpen([], message, out _));
    }

    [Fact]
    public void A_pre_shared_key_needs_32_bytes_and_a_name()
    {
        var hpke = Suite(KemAlgorithm.DhkemX25519);
        using var key = hpke.GeneratePrivateKey();
        var publicKey = hpke.PublicKey(key.Bytes);

        Assert.Throws<ArgumentException>(() => hpke.SetupPskSender(publicKey, [], Psk.AsSpan(1), [1]).Dispose());
        Assert.Throws<ArgumentException>(() => hpke.SetupPskSender(publicKey, [], Psk, []).Dispose());
        Assert.Throws<ArgumentException>(() => hpke.SetupPskReceiver(key.Bytes, publicKey, [], [], [1]).Dispose());
        Assert.Throws<ArgumentException>(() => hpke.SetupPskReceiver(key.Bytes, publicKey, [], Psk, []).Dispose());
    }

    [Fact]
    public void A_suite_that_only_exports_seals_nothing()
    {
        var hpke = new Hpke(Providers.Native, new HpkeAlgorithms(KemAlgorithm.DhkemX25519, HashAlgorithm.Sha256, null));
        using var key = hpke.GeneratePrivateKey();
        var publicKey = hpke.PublicKey(key.Bytes);
        using var sender = hpke.SetupBaseSender(publicKey, []);

        Assert.Throws<InvalidOperationException>(() => hpke.Seal(publicKey, [], [], []));
        Assert.Throws<InvalidOperationException>(() => Open(hpke, key, publicKey, [], [], []));
        Assert.Throws<InvalidOperationException>(() => sender.Seal([], []));
    }

    [Fact]
    public void Exports_are_of_any_length_up_to_255_digests()
    {
        var hpke = Suite(KemAlgorithm.DhkemX25519);
        using var key = hpke.GeneratePrivateKey();
        var publicKey = hpke.PublicKey(key.Bytes);
        using var sender = hpke.SetupBaseSender(publicKey, []);
        using var longest = sender.Export([], 255 * 48);

        Assert.Equal(255 * 48, longest.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => sender.Export([], (255 * 48) + 1).Dispose());
        Assert.Throws<ArgumentOutOfRangeException>(() => sender.Export([], -1).Dispose());
        Assert.Throws<ArgumentOutOfRangeException>(() => hpke.SendExport(publicKey, [], [], (255 * 48) + 1));
    }

    [Fact]
    public void A_disposed_context_does_nothing()
    {
        var hpke = Suite(KemAlgorithm.DhkemX25519);
        using var key = hpke.GeneratePrivateKey();
        var sender = hpke.SetupBaseSender(hpke.PublicKey(key.Bytes), []);
        sender.Dispose();

        Assert.Throws<ObjectDisposedException>(() => sender.Seal([], []));
        Assert.Throws<ObjectDisposedException>(() => sender.Export([], 32).Dispose());
    }

    [Fact]
    public void Algorithms_without_a_number_are_refused()
    {
        var provider = Providers.Native;
        Assert.Throws<ArgumentOutOfRangeException>(() => new Hpke(provider, new(KemAlgorithm.XWing, HashAlgorithm.Sha256, AeadAlgorithm.XChaCha20Poly1305)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Hpke(provider, new((KemAlgorithm)0x42, HashAlgorithm.Sha256, null)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Hpke(provider, new(KemAlgorithm.XWing, (HashAlgorithm)9, null)));
    }

    private static Hpke Suite(KemAlgorithm kem) => new(Providers.Native, new(kem, HashAlgorithm.Sha384, AeadAlgorithm.Aes256Gcm));

    private static byte[]? Open(Hpke hpke, Secret privateKey, ReadOnlySpan<byte> encapsulation, ReadOnlySpan<byte> info, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext) =>
        Open(hpke, privateKey.Bytes, encapsulation, info, associatedData, ciphertext);

    private static byte[]? Open(Hpke hpke, ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> encapsulation, ReadOnlySpan<byte> info, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext)
    {
        if (!hpke.TryOpen(privateKey, encapsulation, info, associatedData, ciphertext, out var plaintext))
            return null;
        using (plaintext)
            return plaintext.Bytes.ToArray();
    }
}
