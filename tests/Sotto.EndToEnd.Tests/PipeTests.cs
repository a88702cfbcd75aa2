using System.Text;
using Sotto.EndToEnd.Tests.Running;

namespace Sotto.EndToEnd.Tests;

/// <summary><c>sotto direct join INVITE &lt; file &gt; out</c>: byte-exact, both ways, and 0 when all is acknowledged.</summary>
public sealed class PipeTests : IDisposable
{
    private readonly Home _ann = new();
    private readonly Home _bob = new();

    public static TheoryData<string> Inputs { get; } = [.. Samples.Keys];

    private static Dictionary<string, byte[]> Samples => new()
    {
        ["nothing"] = [],
        ["one line"] = "one line\n"u8.ToArray(),
        ["no newline at the end"] = "first\nlast without its end"u8.ToArray(),
        ["empty lines"] = "\n\n\na\n\n"u8.ToArray(),
        ["CRLF"] = "one\r\ntwo\r\n\r\nlast\r"u8.ToArray(),
        ["every byte"] = [.. Enumerable.Range(0, 256).Select(b => (byte)b)],
        ["random bytes"] = Random(700_000),
        ["one line of 5 MB"] = [.. Enumerable.Repeat((byte)'x', 5_000_000), (byte)'\n'],
        ["Unicode"] = Encoding.UTF8.GetBytes("żółw 🐢 العربية\n中文 👩‍👩‍👧\n"),
    };

    [Theory]
    [MemberData(nameof(Inputs))]
    public async Task Both_inputs_come_out_byte_for_byte_on_the_other_side(string name)
    {
        var toAnn = Samples[name];
        byte[] toBob = [.. "a beginning of Ann's\n"u8, .. toAnn];
        await using var ann = SottoProcess.Host(_ann);
        await using var bob = SottoProcess.Join(_bob, await ann.InviteAsync());
        await Task.WhenAll(ann.SendAllAsync(toBob), bob.SendAllAsync(toAnn));

        Assert.Equal(0, await bob.ExitAsync());
        Assert.Equal(0, await ann.ExitAsync());
        Assert.True(toBob.AsSpan().SequenceEqual(bob.Out.Bytes), $"Bob got {bob.Out.Bytes.Length} bytes of {toBob.Length}.");
        Assert.True(toAnn.AsSpan().SequenceEqual(ann.Out.Bytes), $"Ann got {ann.Out.Bytes.Length} bytes of {toAnn.Length}.");
    }

    [Fact]
    public async Task Lines_come_out_while_the_input_is_still_open()
    {
        await using var ann = SottoProcess.Host(_ann);
        await using var bob = SottoProcess.Join(_bob, await ann.InviteAsync());
        await bob.SendAsync("ping\n");
        await ann.Out.WaitForAsync("^ping\n$");
        await ann.SendAsync("pong\n");
        await bob.Out.WaitForAsync("^pong\n$");
        bob.EndInput();
        await ann.SendAsync("one more\n");
        await bob.Out.WaitForAsync("^pong\none more\n$");
        ann.EndInput();

        Assert.Equal(0, await ann.ExitAsync());
        Assert.Equal(0, await bob.ExitAsync());
    }

    [Fact]
    public async Task Everything_that_is_not_a_line_goes_to_stderr()
    {
        await using var ann = SottoProcess.Host(_ann);
        await using var bob = SottoProcess.Join(_bob, await ann.InviteAsync());
        await Task.WhenAll(ann.SendAllAsync([]), bob.SendAllAsync([]));

        Assert.Equal(0, await ann.ExitAsync());
        Assert.Equal(0, await bob.ExitAsync());
        Assert.Empty(ann.Out.Bytes);
        Assert.Empty(bob.Out.Bytes);
        Assert.Matches("Bob is here, verified by the invite", ann.Error.Text);
        Assert.Matches("Ann is here, verified by the invite", bob.Error.Text);
        Assert.Matches("The conversation with Bob has ended", ann.Error.Text);
    }

    [Fact]
    public async Task The_exchange_that_the_paper_proposes_carries_lines_too()
    {
        await using var ann = SottoProcess.Host(_ann, "--exchange", "rsa");
        await using var bob = SottoProcess.Join(_bob, await ann.InviteAsync());
        await Task.WhenAll(ann.SendAllAsync("from Ann\n"u8.ToArray()), bob.SendAllAsync("from Bob\n"u8.ToArray()));

        Assert.Equal(0, await ann.ExitAsync());
        Assert.Equal(0, await bob.ExitAsync());
        Assert.Equal("from Bob\n", ann.Out.Text);
        Assert.Equal("from Ann\n", bob.Out.Text);
        Assert.Matches("RSA-3072", bob.Error.Text);
    }

    [Fact]
    public async Task A_host_that_stays_waits_for_the_next_person()
    {
        using var charlies = new Home();
        await using var ann = SottoProcess.Host(_ann, "--keep");
        var first = await ann.InviteAsync();
        await using var bob = SottoProcess.Join(_bob, first);
        await bob.SendAllAsync("I am Bob\n"u8.ToArray());
        Assert.Equal(0, await bob.ExitAsync());
        var second = (await ann.Error.WaitForAsync(@"(?s)sotto:d/.*(sotto:d/\S+)")).Groups[1].Value;
        await using var charlie = SottoProcess.Start(charlies, "direct", "join", second, "--name", "Charlie");
        await charlie.SendAllAsync("I am Charlie\n"u8.ToArray());

        Assert.Equal(0, await charlie.ExitAsync());
        await ann.Out.WaitForAsync("^I am Bob\nI am Charlie\n$");
        Assert.NotEqual(first, second);
    }

    public void Dispose()
    {
        _ann.Dispose();
        _bob.Dispose();
    }

    private static byte[] Random(int length)
    {
        var bytes = new byte[length];
        new Random(7).NextBytes(bytes);
        return bytes;
    }
}
