using Sotto.Direct.Links;

namespace Sotto.Direct.Tests.Links;

public sealed class PaddedSizeTests
{
    [Theory]
    [InlineData(0, 512)]
    [InlineData(512, 512)]
    [InlineData(513, 1024)]
    [InlineData(1025, 2048)]
    [InlineData(2049, 4096)]
    [InlineData(4096, 4096)]
    [InlineData(4097, 4352)]
    [InlineData(65536, 65536)]
    public void Sizes_are_the_buckets_and_then_padme(int length, int expected) => Assert.Equal(expected, PaddedSize.Of(length));

    [Fact]
    public void Above_the_buckets_at_most_twelve_per_cent_are_added_and_few_sizes_remain()
    {
        var sizes = new HashSet<int>();
        for (var length = 4097; length <= Message.MaxPlaintext; length++)
        {
            var padded = PaddedSize.Of(length);
            Assert.InRange(padded, length, (int)(length * 1.12));
            Assert.Equal(padded, PaddedSize.Of(padded));
            sizes.Add(padded);
        }

        Assert.True(sizes.Count < 100, $"{sizes.Count} sizes");
    }
}
