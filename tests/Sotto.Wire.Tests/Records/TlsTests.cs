using Sotto.Wire.Records;

namespace Sotto.Wire.Tests.Records;

/// <summary>The presentation language of RFC 9420 §2.1.</summary>
public sealed class TlsTests
{
    [Theory]
    [InlineData(0, "00")]
    [InlineData(37, "25")]
    [InlineData(63, "3f")]
    [InlineData(64, "4040")]
    [InlineData(15_293, "7bbd")]
    [InlineData(16_383, "7fff")]
    [InlineData(16_384, "80004000")]
    public void Lengths_take_their_shortest_form_and_come_back(int length, string prefix)
    {
        var bytes = new TlsWriter().Vector(new byte[length]).ToArray();
        var reader = new TlsReader(bytes);

        Assert.Equal(prefix, Convert.ToHexStringLower(bytes.AsSpan(0, bytes.Length - length)));
        Assert.Equal(length, reader.Vector().Length);
        Assert.True(reader.AtEnd);
    }

    [Theory]
    [InlineData("4025")]
    [InlineData("8000003f")]
    [InlineData("80003fff")]
    [InlineData("c000000000000001")]
    [InlineData("ff")]
    [InlineData("bfffffff")]
    [InlineData("01")]
    [InlineData("")]
    public void A_length_that_is_not_minimal_or_not_there_is_refused(string hex)
    {
        var reader = new TlsReader([.. Convert.FromHexString(hex), .. new byte[hex is "01" or "" or "ff" or "bfffffff" ? 0 : 20_000]]);
        Assert.True(reader.Vector().IsEmpty);
        Assert.False(reader.AtEnd);
        Assert.False(reader.HasMore);
        Assert.Equal(0, reader.Byte());
    }

    [Fact]
    public void Numbers_are_big_endian()
    {
        var bytes = new TlsWriter().Byte(1).Number16(0x0203).Number32(0x0405_0607).Number64(0x0809_0a0b_0c0d_0e0f).ToArray();
        var reader = new TlsReader(bytes);

        Assert.Equal("0102030405060708090a0b0c0d0e0f", Convert.ToHexStringLower(bytes));
        Assert.Equal((1, 0x0203, 0x0405_0607u, 0x0809_0a0b_0c0d_0e0ful), (reader.Byte(), reader.Number16(), reader.Number32(), reader.Number64()));
        Assert.True(reader.AtEnd);
    }
}
