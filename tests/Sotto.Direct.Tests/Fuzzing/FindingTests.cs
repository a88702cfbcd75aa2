using System.Security.Cryptography;
using Sotto.Direct.Tests.Tokens;
using Sotto.Direct.Tokens;

namespace Sotto.Direct.Tests.Fuzzing;

/// <summary>What the fuzz targets found, one test each; the inputs are in the corpus under <c>finding-…</c>.</summary>
public sealed class FindingTests
{
    [Fact]
    public void A_token_from_before_1970_is_refused_without_a_time()
    {
        byte[] body = [0x80, .. Enumerable.Repeat((byte)0xFF, 8), .. new byte[32]];
        byte[] token = [.. Convert.ToBase64String([.. body, .. HMACSHA256.HashData(new byte[16], body)]).Replace('+', '-').Replace('/', '_').Select(c => (byte)c)];

        Assert.False(FernetToken.TryDecrypt(TestCrypto.Provider, new byte[32], token, new byte[16], out var written, out var time));
        Assert.Equal((0, 0), (written, time));
    }
}
