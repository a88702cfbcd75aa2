using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Sotto.Direct.Tokens;

namespace Sotto.Direct.Tests.Tokens;

public sealed class FernetTokenTests : IDisposable
{
    private const long Now = 1_700_000_000;
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private readonly FernetKey _key = FernetKey.Generate(TestCrypto.Provider);

    public void Dispose() => _key.Dispose();

    [Fact]
    public void What_was_encrypted_opens_again_with_its_time()
    {
        Gen.Select(Gen.Byte.Array[0, 3000], Gen.Long[0, long.MaxValue]).Sample((plaintext, madeAt) =>
        {
            var token = Encrypt(plaintext, madeAt);
            Assert.True(TryOpen(token, out var opened, out var time));
            Assert.Equal(plaintext, opened);
            Assert.Equal(madeAt, time);
        });
    }

    [Theory]
    [InlineData(65_536)]
    [InlineData(1_048_576)]
    [InlineData(1_048_577)]
    public void Large_plaintexts_open_again(int length)
    {
        var plaintext = RandomNumberGenerator.GetBytes(length);
        Assert.True(TryOpen(Encrypt(plaintext), out var opened, out _));
        Assert.Equal(plaintext, opened);
    }

    [Fact]
    public void A_token_has_the_announced_length_and_padding()
    {
        for (var length = 0; length <= 200; length++)
        {
            var token = Encrypt(new byte[length]);
            var room = FernetToken.MaxPlaintextLength(token.Length);
            Assert.Equal(FernetToken.EncodedLength(length), token.Length);
            Assert.InRange(room - length, 1, 16);
            Assert.Equal(token.Count(c => c == '='), FernetToken.PaddingLength(token.Length));
            Assert.StartsWith("gAAAAA", Encoding.ASCII.GetString(token), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Only_lengths_that_tokens_have_give_room()
    {
        var lengths = Enumerable.Range(0, 400).Select(n => FernetToken.EncodedLength(n)).ToHashSet();
        for (var length = -1; length <= 500; length++)
            Assert.Equal(lengths.Contains(length), FernetToken.MaxPlaintextLength(length) > 0);
        Assert.Equal(FernetToken.ShortestLength, lengths.Min());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(32)]
    public void Every_single_flipped_bit_is_refused(int length)
    {
        var token = Encrypt(new byte[length]);
        for (var bit = 0; bit < token.Length * 8; bit++)
        {
            var changed = (byte[])token.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            AssertRefused(changed);
        }
    }

    [Fact]
    public void Every_other_last_character_is_refused()
    {
        foreach (var length in (int[])[0, 16, 32])
        {
            var token = Encrypt(new byte[length]);
            var last = token.AsSpan().TrimEnd((byte)'=').Length - 1;
            foreach (var other in Alphabet.Where(c => c != token[last]))
            {
                var changed = (byte[])token.Clone();
                changed[last] = (byte)other;
                AssertRefused(changed);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(500)]
    public void Every_truncation_and_every_missing_beginning_is_refused(int length)
    {
        var token = Encrypt(new byte[length]);
        for (var kept = 0; kept < token.Length; kept++)
        {
            AssertRefused(token[..kept]);
            AssertRefused(token[(token.Length - kept)..]);
        }
    }

    [Theory]
    [InlineData("=")]
    [InlineData("==")]
    [InlineData("====")]
    [InlineData("\n")]
    [InlineData(" ")]
    [InlineData("A")]
    [InlineData("AAAA")]
    [InlineData("\0\0\0\0")]
    public void Bytes_after_a_token_are_refused(string trailer)
    {
        foreach (var length in (int[])[0, 16, 32])
            AssertRefused([.. Encrypt(new byte[length]), .. Encoding.ASCII.GetBytes(trailer)]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    public void A_token_without_its_padding_is_refused(int length) =>
        AssertRefused(Encrypt(new byte[length]).AsSpan().TrimEnd((byte)'=').ToArray());

    [Fact]
    public void Whitespace_inside_a_token_is_refused_also_where_the_length_would_be_that_of_a_token()
    {
        foreach (var length in (int[])[0, 16, 32])
        {
            var token = Encrypt(new byte[length]);
            for (var at = 0; at <= token.Length; at++)
            {
                AssertRefused([.. token[..at], (byte)'\n', .. token[at..]]);
                AssertRefused([.. token[..at], .. "\r\n\r\n"u8, .. token[at..]]);
            }
        }
    }

    [Fact]
    public void Whitespace_for_the_last_characters_is_refused_also_right_after_the_whole_token_was_opened()
    {
        var token = Encrypt(new byte[32]);
        for (var at = 0; at <= token.Length - 4; at++)
        {
            Assert.True(TryOpen(token, out _, out _));
            AssertRefused([.. token[..at], .. "\n\n\n\n"u8, .. token[at..^4]]);
        }
    }

    [Fact]
    public void The_standard_alphabet_and_percent_padding_are_refused()
    {
        var token = Encoding.ASCII.GetString(EncryptUntil(text => text.Contains('-') && text.Contains('_')));
        AssertRefused(Encoding.ASCII.GetBytes(token.Replace('-', '+')));
        AssertRefused(Encoding.ASCII.GetBytes(token.Replace('_', '/')));
        AssertRefused(Encoding.ASCII.GetBytes(token.Replace('=', '%')));
    }

    [Fact]
    public void Another_key_does_not_open_a_token()
    {
        var token = Encrypt("secret"u8.ToArray());
        using var other = FernetKey.Generate(TestCrypto.Provider);
        var plaintext = new byte[FernetToken.MaxPlaintextLength(token.Length)];
        Assert.False(FernetToken.TryDecrypt(TestCrypto.Provider, other.Bytes, token, plaintext, out _, out _));
        Assert.All(plaintext, b => Assert.Equal(0, b));
    }

    [Fact]
    public void A_wrong_padding_under_a_right_MAC_leaves_no_plaintext_behind()
    {
        var token = AuthenticButWronglyPadded();
        var plaintext = new byte[FernetToken.MaxPlaintextLength(token.Length)];
        Array.Fill(plaintext, (byte)7);
        Assert.False(FernetToken.TryDecrypt(TestCrypto.Provider, _key.Bytes, token, plaintext, out var written, out var time));
        Assert.Equal(0, written);
        Assert.Equal(0, time);
        Assert.All(plaintext, b => Assert.Equal(0, b));
    }

    [Fact]
    public void Two_tokens_of_one_text_differ_and_so_do_their_marks()
    {
        var tokens = Enumerable.Range(0, 100).Select(_ => Encrypt("same"u8.ToArray())).ToList();
        Assert.Equal(100, tokens.Select(t => Convert.ToHexString(t)).Distinct().Count());
        Assert.Equal(100, tokens.Select(t => FernetToken.Mark(t)).Distinct().Count());
    }

    [Fact]
    public void The_mark_is_made_of_the_MAC_alone()
    {
        foreach (var length in (int[])[0, 16, 32])
        {
            var token = Encrypt(new byte[length]);
            var body = System.Buffers.Text.Base64Url.DecodeFromUtf8(token);
            var mac = Convert.ToHexString(body[^32..]);
            Assert.Contains(FernetToken.Mark(token).ToString("X32"), mac, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Arbitrary_bytes_are_refused_without_an_exception()
    {
        Gen.Byte.Array[0, 400].Sample(AssertRefused);
        Gen.OneOf(Gen.Char[Alphabet], Gen.Char["=%\n /+"]).Array[96, 200]
            .Sample(text => AssertRefused(Encoding.ASCII.GetBytes("gAAAAA" + new string(text))));
    }

    [Fact]
    public void The_callers_mistakes_are_argument_errors()
    {
        var crypto = TestCrypto.Provider;
        var token = Encrypt([]);
        Assert.Throws<ArgumentException>(() => FernetToken.Encrypt(crypto, new byte[31], Now, [], new byte[100]));
        Assert.Throws<ArgumentException>(() => FernetToken.Encrypt(crypto, _key.Bytes, Now, [], new byte[101]));
        Assert.Throws<ArgumentOutOfRangeException>(() => FernetToken.Encrypt(crypto, _key.Bytes, -1, [], new byte[100]));
        Assert.Throws<ArgumentException>(() => FernetToken.TryDecrypt(crypto, new byte[33], token, new byte[16], out _, out _));
        Assert.Throws<ArgumentException>(() => FernetToken.TryDecrypt(crypto, _key.Bytes, token, new byte[15], out _, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => FernetToken.EncodedLength(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => FernetToken.EncodedLength(int.MaxValue));
    }

    private byte[] Encrypt(byte[] plaintext, long madeAt = Now)
    {
        var token = new byte[FernetToken.EncodedLength(plaintext.Length)];
        FernetToken.Encrypt(TestCrypto.Provider, _key.Bytes, madeAt, plaintext, token);
        return token;
    }

    private byte[] EncryptUntil(Func<string, bool> wanted)
    {
        byte[] token;
        do
            token = Encrypt("some text"u8.ToArray());
        while (!wanted(Encoding.ASCII.GetString(token)));
        return token;
    }

    /// <summary>A ciphertext of two random blocks, whose padding is right once in about 256 times, under a correct MAC.</summary>
    private byte[] AuthenticButWronglyPadded()
    {
        while (true)
        {
            var body = new byte[57 + 32];
            body[0] = 0x80;
            RandomNumberGenerator.Fill(body.AsSpan(9, 48));
            HMACSHA256.HashData(_key.Bytes[..16], body.AsSpan(0, 57), body.AsSpan(57));
            if (!TestCrypto.Provider.TryAesCbcDecrypt(_key.Bytes[16..], body.AsSpan(9, 16), body.AsSpan(25, 32), new byte[32], out _))
                return Encoding.ASCII.GetBytes(Convert.ToBase64String(body).Replace('+', '-').Replace('/', '_'));
        }
    }

    private bool TryOpen(byte[] token, out byte[] opened, out long time)
    {
        var plaintext = new byte[FernetToken.MaxPlaintextLength(token.Length)];
        var result = FernetToken.TryDecrypt(TestCrypto.Provider, _key.Bytes, token, plaintext, out var written, out time);
        opened = plaintext[..written];
        return result;
    }

    private void AssertRefused(byte[] token)
    {
        Assert.False(TryOpen(token, out var opened, out var time));
        Assert.Empty(opened);
        Assert.Equal(0, time);
    }
}
