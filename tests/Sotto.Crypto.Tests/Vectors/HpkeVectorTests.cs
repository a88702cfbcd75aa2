using System.Text.Json;

namespace Sotto.Crypto.Tests.Vectors;

/// <summary>
/// HPKE against what its authors publish. The sender draws the published random bytes, so that key derivation,
/// encapsulation, key schedule, every message and every export are all held against the file.
/// </summary>
public sealed class HpkeVectorTests
{
    private const int BaseMode = 0;
    private const int PskMode = 1;
    private const int LastTwoStageKdf = 3;

    [Fact]
    public void Hpke_gives_all_keys_messages_and_exports_of_rfc_9180_in_base_and_psk_mode()
    {
        using var file = VectorFile.Open("hpke/rfc9180-test-vectors.json.gz");
        var seen = new HpkeCounts();
        foreach (var vector in file.Root.EnumerateArray().Select(element => new HpkeCase(element)))
        {
            if (vector.Number("mode") is BaseMode or PskMode)
                seen.Add(Check(vector));
        }

        Assert.Equal(new HpkeCounts(Cases: 64, Messages: 48 * 257, Exports: 64 * 3), seen);
        file.Ran(seen.Cases, 64);
    }

    /// <summary>The file's thirteen cases are of several KEMs and KDFs; one is of X-Wing with HKDF.</summary>
    [Fact]
    public void Hpke_with_XWing_gives_all_keys_messages_and_exports_of_the_draft()
    {
        using var file = VectorFile.Open("hpke/hpke-pq-test-vectors.json");
        var seen = new HpkeCounts();
        foreach (var vector in file.Root.EnumerateArray().Select(element => new HpkeCase(element)))
        {
            if (vector.Kem == KemAlgorithm.XWing && vector.Number("kdf_id") <= LastTwoStageKdf)
                seen.Add(Check(vector));
        }

        Assert.Equal(new HpkeCounts(Cases: 1, Messages: 10, Exports: 5), seen);
        file.Ran(seen.Cases, 1);
    }

    private static HpkeCounts Check(HpkeCase vector)
    {
        var hpke = new Crypto.Hpke(Providers.Giving(vector["ikmE"]), vector.Algorithms);
        using var privateKey = hpke.DerivePrivateKey(vector["ikmR"]);
        Assert.Equal(vector["skRm"], privateKey.Bytes);
        Assert.Equal(vector["pkRm"], hpke.PublicKey(privateKey.Bytes));
        CheckEphemeral(hpke, vector);
        CheckKem(vector);
        CheckKeySchedule(vector);

        using var sender = vector.IsPsk
            ? hpke.SetupPskSender(vector["pkRm"], vector["info"], vector["psk"], vector["psk_id"])
            : hpke.SetupBaseSender(vector["pkRm"], vector["info"]);
        Assert.Equal(vector["enc"], sender.Encapsulation.ToArray());
        using var receiver = vector.IsPsk
            ? hpke.SetupPskReceiver(privateKey.Bytes, vector["enc"], vector["info"], vector["psk"], vector["psk_id"])
            : hpke.SetupBaseReceiver(privateKey.Bytes, vector["enc"], vector["info"]);
        return new HpkeCounts(1, CheckMessages(vector, sender, receiver), CheckExports(vector, sender, receiver));
    }

    private static void CheckEphemeral(Crypto.Hpke hpke, HpkeCase vector)
    {
        if (vector.Kem == KemAlgorithm.XWing)
            return;
        using var ephemeral = hpke.DerivePrivateKey(vector["ikmE"]);
        Assert.Equal(vector["skEm"], ephemeral.Bytes);
        Assert.Equal(vector["pkEm"], hpke.PublicKey(ephemeral.Bytes));
    }

    private static void CheckKem(HpkeCase vector)
    {
        var kem = HpkeKem.Create(Providers.Giving(vector["ikmE"]), vector.Kem, XWingDerivation.Labeled);
        var encapsulation = new byte[kem.EncapsulationLength];
        var sharedSecret = new byte[kem.SharedSecretLength];
        kem.Encapsulate(vector["pkRm"], encapsulation, sharedSecret);
        Assert.Equal(vector["enc"], encapsulation);
        Assert.Equal(vector["shared_secret"], sharedSecret);

        sharedSecret.AsSpan().Clear();
        kem.Decapsulate(vector["skRm"], vector["enc"], sharedSecret);
        Assert.Equal(vector["shared_secret"], sharedSecret);
    }

    private static void CheckKeySchedule(HpkeCase vector)
    {
        var schedule = new HpkeKeySchedule(Providers.Native, vector.Algorithms);
        var infoHash = new byte[schedule.ExporterSecretLength];
        schedule.HashInfo(vector["info"], infoHash);
        using var keys = new HpkeKeys(
            schedule, HpkeUses.All, vector["shared_secret"], infoHash,
            vector.IsPsk ? vector["psk"] : [], vector.IsPsk ? vector["psk_id"] : []);
        Assert.Equal(vector["key"], keys.Key);
        Assert.Equal(vector["base_nonce"], keys.BaseNonce);
        Assert.Equal(vector["exporter_secret"], keys.ExporterSecret);
    }

    private static int CheckMessages(HpkeCase vector, HpkeSender sender, HpkeReceiver receiver)
    {
        var count = 0;
        foreach (var message in vector.List("encryptions"))
        {
            Assert.Equal(message["ct"], sender.Seal(message["aad"], message["pt"]));
            Assert.True(receiver.TryOpen(message["aad"], message["ct"], out var plaintext));
            Assert.Equal(message["pt"], plaintext.Bytes);
            plaintext.Dispose();
            count++;
        }
        return count;
    }

    private static int CheckExports(HpkeCase vector, HpkeSender sender, HpkeReceiver receiver)
    {
        var count = 0;
        foreach (var export in vector.List("exports"))
        {
            using var sent = sender.Export(export["exporter_context"], export.Number("L"));
            using var received = receiver.Export(export["exporter_context"], export.Number("L"));
            Assert.Equal(export["exported_value"], sent.Bytes);
            Assert.Equal(export["exported_value"], received.Bytes);
            count++;
        }
        return count;
    }

    /// <summary>How much of a file was run.</summary>
    private record struct HpkeCounts(int Cases, int Messages, int Exports)
    {
        public void Add(HpkeCounts other) => this = new(Cases + other.Cases, Messages + other.Messages, Exports + other.Exports);
    }

    /// <summary>One case of a file, or one message or export of it.</summary>
    private readonly record struct HpkeCase(JsonElement Element)
    {
        public KemAlgorithm Kem => (KemAlgorithm)Number("kem_id");

        public bool IsPsk => Number("mode") == PskMode;

        public HpkeAlgorithms Algorithms => new(
            Kem,
            Number("kdf_id") switch { 1 => HashAlgorithm.Sha256, 2 => HashAlgorithm.Sha384, _ => HashAlgorithm.Sha512 },
            Number("aead_id") switch
            {
                1 => AeadAlgorithm.Aes128Gcm,
                2 => AeadAlgorithm.Aes256Gcm,
                3 => AeadAlgorithm.ChaCha20Poly1305,
                _ => null,
            });

        public byte[] this[string name] => Convert.FromHexString(Element.GetProperty(name).GetString()!);

        public int Number(string name) => Element.GetProperty(name).GetInt32();

        public IEnumerable<HpkeCase> List(string name) =>
            Element.GetProperty(name).EnumerateArray().Select(element => new HpkeCase(element));
    }
}
