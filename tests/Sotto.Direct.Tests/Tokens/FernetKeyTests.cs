using System.Diagnostics;
using System.Reflection;
using Sotto.Direct.Tokens;

namespace Sotto.Direct.Tests.Tokens;

public sealed class FernetKeyTests
{
    private const string Known = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";

    [Fact]
    public void A_key_reads_back_from_its_text()
    {
        using var key = FernetKey.Generate(TestCrypto.Provider);
        Assert.True(FernetKey.TryParse(key.Export(), out var again));
        Assert.Equal(key.Bytes, again.Bytes);
        again.Dispose();
    }

    [Fact]
    public void A_known_text_gives_its_bytes_and_its_text_again()
    {
        Assert.True(FernetKey.TryParse(Known, out var key));
        Assert.Equal("730FF4C7AF3D46923E8ED451EE813C87F790B0A226BC96A92DE49B5E9C05E1EE", Convert.ToHexString(key.Bytes));
        Assert.Equal(Known, key.Export());
        key.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4")]
    [InlineData("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e==")]
    [InlineData("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e5=")]
    [InlineData("cw/0x689RpI+jtRR7oE8h/eQsKImvJapLeSbXpwF4e4=")]
    [InlineData("cw_0x689RpI-jtRR7oE8h_eQ KImvJapLeSbXpwF4e4=")]
    [InlineData(" w_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=")]
    [InlineData("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=\n")]
    [InlineData("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4eé=")]
    public void Anything_but_the_one_text_of_a_key_is_refused(string text)
    {
        Assert.False(FernetKey.TryParse(text, out var key));
        Assert.Null(key);
    }

    [Fact]
    public void Two_generated_keys_differ()
    {
        using var one = FernetKey.Generate(TestCrypto.Provider);
        using var other = FernetKey.Generate(TestCrypto.Provider);
        Assert.NotEqual(one.Export(), other.Export());
    }

    [Fact]
    public void A_key_is_shown_nowhere_but_in_its_export()
    {
        Assert.True(FernetKey.TryParse(Known, out var key));
        Assert.Equal("FernetKey (redacted)", key.ToString());
        Assert.Equal("FernetKey (redacted)", typeof(FernetKey).GetCustomAttribute<DebuggerDisplayAttribute>()!.Value);
        key.Dispose();
    }

    [Fact]
    public void A_disposed_key_is_of_no_use()
    {
        var key = FernetKey.Generate(TestCrypto.Provider);
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Bytes.Length);
        Assert.Throws<ObjectDisposedException>(() => key.Export());
    }
}
