using Sotto.Direct.Tokens;

namespace Sotto.Direct.Tests.Tokens;

public sealed class TokenAgeTests
{
    private const long Now = 1_700_000_000;

    [Theory]
    [InlineData(0, TokenAgeVerdict.Fresh)]
    [InlineData(-60, TokenAgeVerdict.Fresh)]
    [InlineData(-61, TokenAgeVerdict.TooOld)]
    [InlineData(-Now, TokenAgeVerdict.TooOld)]
    [InlineData(60, TokenAgeVerdict.Fresh)]
    [InlineData(61, TokenAgeVerdict.FromTheFuture)]
    [InlineData(long.MaxValue - Now, TokenAgeVerdict.FromTheFuture)]
    public void A_minute_either_way_is_fresh(long offset, TokenAgeVerdict expected) =>
        Assert.Equal(expected, TokenAge.Paper.Judge(Now + offset, Now));
}
