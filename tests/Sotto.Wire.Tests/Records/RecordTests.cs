using Sotto.Wire.Records;

namespace Sotto.Wire.Tests.Records;

/// <summary>Every record comes back as it went, and nothing shorter, longer or otherwise changed in its frame is taken.</summary>
public sealed class RecordTests
{
    private static readonly Bytes32 Account = Filled(1);

    public static TheoryData<string> Names => ["genesis", "certificate", "list", "recovery list", "reachability", "recovery", "statement"];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_record_comes_back_as_it_went(string name)
    {
        var bytes = Encoded(name);
        Assert.Equal(bytes, Again(name, bytes));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_record_cut_anywhere_or_with_a_byte_behind_it_is_refused(string name)
    {
        var bytes = Encoded(name);
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<RecordException>(() => Again(name, bytes[..length]));
        Assert.Throws<RecordException>(() => Again(name, [.. bytes, 0]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Another_type_or_format_is_refused(string name)
    {
        // A certificate as carried has a length in front of its body.
        var start = name == "certificate" ? 2 : 0;
        for (var at = start; at < start + 2; at++)
        {
            var bytes = Encoded(name);
            bytes[at]++;
            Assert.Throws<RecordException>(() => Again(name, bytes));
        }
    }

    [Fact]
    public void Unknown_extensions_are_kept_and_ignored()
    {
        var plain = Encoded("genesis");
        byte[] extended = [.. plain[..^1], 7, 0, 1, 1, 5, 0, 9, 0];
        Assert.Equal(Genesis(), GenesisRecord.Decode(extended));
        Assert.NotEqual(GenesisRecord.AccountIdOf(plain), GenesisRecord.AccountIdOf(extended));
    }

    [Theory]
    [InlineData("070009000001 0105")]
    [InlineData("08000100000100 00")]
    [InlineData("020001")]
    public void Extensions_that_repeat_fall_back_or_break_off_are_refused(string hex)
    {
        byte[] broken = [.. Encoded("genesis")[..^1], .. Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))];
        Assert.Throws<RecordException>(() => GenesisRecord.Decode(broken));
    }

    [Fact]
    public void A_first_list_has_no_predecessor_and_every_other_one_has()
    {
        Assert.Throws<RecordException>(() => DeviceList.Decode(List(1, Filled(9), null).EncodeBody([])));
        Assert.Throws<RecordException>(() => DeviceList.Decode(List(2, default, null).EncodeBody([])));
        Assert.Throws<RecordException>(() => DeviceList.Decode(List(0, default, null).EncodeBody([])));
    }

    [Fact]
    public void A_list_holds_at_most_32_devices()
    {
        var certificates = Enumerable.Range(0, Limits.Devices + 1).Select(_ => Encoded("certificate")).ToList();
        Assert.Equal(Limits.Devices, DeviceList.Decode(List(1, default, null).EncodeBody(certificates.Skip(1))).Certificates.Count);
        Assert.Throws<RecordException>(() => DeviceList.Decode(List(1, default, null).EncodeBody(certificates)));
    }

    [Fact]
    public void A_signed_record_is_its_body_and_64_bytes()
    {
        var signed = new SignedRecord(new byte[] { 1, 2, 3 }, new byte[64]);
        var decoded = SignedRecord.Decode(signed.Encode());

        Assert.Equal([1, 2, 3], decoded.Body.ToArray());
        Assert.Equal(64, decoded.Signature.Length);
        Assert.Equal(Bytes32.HashOf([1, 2, 3]), decoded.Hash);
        Assert.Throws<RecordException>(() => SignedRecord.Decode(signed.Encode().AsMemory(0, 66)));
        Assert.Throws<RecordException>(() => SignedRecord.Decode(new byte[65]));
    }

    /// <summary>Pinned: these bytes are in the documents, and another client signs the same.</summary>
    [Fact]
    public void What_is_signed_has_the_bytes_that_the_documents_show()
    {
        var request = new SignedRequest(Filled(1), Filled(2), Filled(3), "GET", "/v1/account/invites?x=1", Bytes32.HashOf([]), Filled(4));
        Assert.Equal(
            "0f536f74746f20312072657175657374" + "40bc"
            + string.Concat(Enumerable.Repeat("01", 32)) + string.Concat(Enumerable.Repeat("02", 32)) + string.Concat(Enumerable.Repeat("03", 32))
            + "03474554" + "17" + Convert.ToHexStringLower("/v1/account/invites?x=1"u8)
            + "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" + string.Concat(Enumerable.Repeat("04", 32)),
            Convert.ToHexStringLower(request.ToSign()));
    }

    private static byte[] Again(string name, byte[] bytes) => name switch
    {
        "genesis" => GenesisRecord.Decode(bytes).Encode(),
        "certificate" => DeviceCertificate.Decode(bytes) is var read ? DeviceCertificate.Encode(read.EncodeBody(), read.AccountSignature.Span, read.DeviceSignature.Span) : [],
        "list" or "recovery list" => DeviceList.Decode(bytes) is var list
            ? list.EncodeBody(list.Certificates.Select(c => DeviceCertificate.Encode(c.Body.Span, c.AccountSignature.Span, c.DeviceSignature.Span)))
            : [],
        "reachability" => ReachabilityRecord.Decode(bytes).EncodeBody(),
        "recovery" => RecoveryRecord.Decode(bytes).EncodeBody(),
        "statement" => RelayStatement.Decode(bytes).EncodeBody(),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    private static byte[] Encoded(string name) => name switch
    {
        "genesis" => Genesis().Encode(),
        "certificate" => DeviceCertificate.Encode(Certificate().EncodeBody(), new byte[64], new byte[64]),
        "list" => List(1, default, null).EncodeBody([Encoded("certificate"), Encoded("certificate")]),
        "recovery list" => List(2, Filled(7), new(Filled(8), 1_800_000_000)).EncodeBody([Encoded("certificate")]),
        "reachability" => new ReachabilityRecord
        {
            Account = Account,
            DeviceKey = Filled(2),
            Number = 3,
            RelayUrl = "https://relay.example"u8.ToArray(),
            RelayFingerprint = new(new byte[16]),
            IntroChannel = new(new byte[16]),
            IntroKey = new byte[1216],
            Expires = 4,
        }.EncodeBody(),
        "recovery" => new RecoveryRecord { Account = Account, Number = 1, Day = 2, Sealed = new byte[100] }.EncodeBody(),
        "statement" => new RelayStatement
        {
            IdentityKey = Filled(1),
            Number = 2,
            Expires = 3,
            Addresses = [new("https://relay.example", TransportProof.Spki, [Filled(4), Filled(5)]), new("http://127.0.0.1:7788", TransportProof.Loopback, [])],
        }.EncodeBody(),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    private static GenesisRecord Genesis() => new(Filled(1), Filled(2), Filled(3));

    private static DeviceCertificate Certificate() => new() { Account = Account, DeviceKey = Filled(2), Suites = [0xF002, 1], Rights = DeviceRights.Full };

    private static DeviceList List(ulong number, Bytes32 predecessor, RecoveryMark? recovery) => new()
    {
        Account = Account,
        Number = number,
        Predecessor = predecessor,
        AccountKey = Filled(4),
        Certificates = [],
        Recovery = recovery,
    };

    private static Bytes32 Filled(byte value)
    {
        var bytes = new byte[32];
        bytes.AsSpan().Fill(value);
        return new(bytes);
    }
}
