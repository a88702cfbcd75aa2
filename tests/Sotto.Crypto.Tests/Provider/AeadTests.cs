using CsCheck;

namespace Sotto.Crypto.Tests.Provider;

public sealed class AeadTests
{
    public static TheoryData<AeadAlgorithm> Algorithms { get; } = new(Enum.GetValues<AeadAlgorithm>());

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void What_is_sealed_opens_again(AeadAlgorithm algorithm) =>
        Gen.Select(Gen.Byte.Array[0, 2000], Gen.Byte.Array[0, 50]).Sample(
            (plaintext, associatedData) =>
            {
                var box = new Box(algorithm, associatedData);
                var opened = new byte[plaintext.Length];
                Assert.True(box.Open(box.Seal(plaintext), opened));
                Assert.Equal(plaintext, opened);
            },
            iter: 200);

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Every_changed_bit_is_noticed_and_leaves_zeroes(AeadAlgorithm algorithm)
    {
        var box = new Box(algorithm, [1, 2, 3]);
        var ciphertext = box.Seal("a message"u8);
        for (var bit = 0; bit < ciphertext.Length * 8; bit++)
        {
            ciphertext[bit / 8] ^= (byte)(1 << (bit % 8));
            byte[] opened = [.. Enumerable.Repeat((byte)0xAA, 9)];
            Assert.False(box.Open(ciphertext, opened));
            Assert.Equal(new byte[9], opened);
            ciphertext[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.True(box.Open(ciphertext, new byte[9]));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Other_associated_data_does_not_open(AeadAlgorithm algorithm) =>
        Assert.False(new Box(algorithm, [2]).Open(new Box(algorithm, [1]).Seal("text"u8), new byte[4]));

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void A_cut_or_shorter_than_a_tag_does_not_open(AeadAlgorithm algorithm)
    {
        var box = new Box(algorithm, []);
        var ciphertext = box.Seal("text"u8);
        for (var length = 0; length < ciphertext.Length; length++)
            Assert.False(box.Open(ciphertext.AsSpan(0, length), new byte[Math.Max(0, length - Sizes.AeadTag)]));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Wrong_sizes_are_refused(AeadAlgorithm algorithm)
    {
        var key = new byte[Sizes.AeadKey(algorithm)];
        var nonce = new byte[Sizes.AeadNonce(algorithm)];
        var provider = Providers.Native;

        Assert.Throws<ArgumentException>(() => provider.AeadSeal(algorithm, key.AsSpan(1), nonce, [], [], new byte[16]));
        Assert.Throws<ArgumentException>(() => provider.AeadSeal(algorithm, key, nonce.AsSpan(1), [], [], new byte[16]));
        Assert.Throws<ArgumentException>(() => provider.AeadSeal(algorithm, key, nonce, [], [], new byte[15]));
        Assert.Throws<ArgumentException>(() => provider.AeadSeal(algorithm, key, nonce, [], [], new byte[17]));
        Assert.Throws<ArgumentException>(() => provider.TryAeadOpen(algorithm, [.. key, 0], nonce, [], new byte[16], []));
        Assert.Throws<ArgumentException>(() => provider.TryAeadOpen(algorithm, key, [.. nonce, 0], [], new byte[16], []));
        Assert.Throws<ArgumentException>(() => provider.TryAeadOpen(algorithm, key, nonce, [], new byte[20], new byte[3]));
        Assert.Throws<ArgumentException>(() => provider.TryAeadOpen(algorithm, key, nonce, [], new byte[20], new byte[5]));
    }

    [Theory]
    [InlineData(AeadAlgorithm.XChaCha20Poly1305)]
    [InlineData(AeadAlgorithm.ChaCha20Poly1305)]
    public void ChaCha20_allocates_nothing(AeadAlgorithm algorithm)
    {
        var key = new byte[32];
        var nonce = new byte[Sizes.AeadNonce(algorithm)];
        var ciphertext = new byte[80];
        var plaintext = new byte[64];
        Run();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Run()
        {
            Providers.Native.AeadSeal(algorithm, key, nonce, [], plaintext, ciphertext);
            Providers.Native.TryAeadOpen(algorithm, key, nonce, [], ciphertext, plaintext);
        }
    }

    /// <summary>One key, one nonce and one piece of associated data, enough for a test.</summary>
    private sealed class Box
    {
        private readonly AeadAlgorithm _algorithm;
        private readonly byte[] _key;
        private readonly byte[] _nonce;
        private readonly byte[] _associatedData;

        public Box(AeadAlgorithm algorithm, byte[] associatedData)
        {
            _algorithm = algorithm;
            _associatedData = associatedData;
            _key = new byte[Sizes.AeadKey(algorithm)];
            _nonce = new byte[Sizes.AeadNonce(algorithm)];
            var random = Providers.Seeded(3);
            random.FillRandom(_key);
            random.FillRandom(_nonce);
        }

        public byte[] Seal(ReadOnlySpan<byte> plaintext)
        {
            var ciphertext = new byte[plaintext.Length + Sizes.AeadTag];
            Providers.Native.AeadSeal(_algorithm, _key, _nonce, _associatedData, plaintext, ciphertext);
            return ciphertext;
        }

        public bool Open(ReadOnlySpan<byte> ciphertext, Span<byte> plaintext) =>
            Providers.Native.TryAeadOpen(_algorithm, _key, _nonce, _associatedData, ciphertext, plaintext);
    }
}
