using System.Net;
using System.Text;
using Sotto.Direct.Paper;
using Sotto.Direct.Tests.Tokens;
using Sotto.Direct.Tokens;

namespace Sotto.Direct.Tests.Paper;

/// <summary>The paper's program, in Python, at the other end, in both roles.</summary>
public sealed class PythonInteropTests : IAsyncLifetime
{
    private const int Patience = 60_000;

    private static readonly string[] _fromPython = ["hello", "", "a line of exactly 32 bytes......", "żółw 🐢 العربية 中文", new string('x', 2900)];
    private static readonly string[] _fromUs = ["hi", "", "grüße an alle", "🎉 emoji and 日本語", new string('y', PaperLimits.LongestLine)];

    private readonly FernetKey _key = FernetKey.Generate(TestCrypto.Provider);
    private PythonProgram _python = null!;
    private PaperHost? _host;
    private PaperConversation _conversation = null!;
    private IAsyncEnumerator<PaperEvent> _events = null!;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_conversation is not null)
            await _conversation.DisposeAsync();
        if (_host is not null)
            await _host.DisposeAsync();
        if (_python is not null)
            await _python.DisposeAsync();
        _key.Dispose();
    }

    [Theory(Timeout = Patience)]
    [InlineData("server")]
    [InlineData("client")]
    public async Task Two_people_talk_in_turns(string role)
    {
        await MeetAsync(role, _key, TestContext.Current.CancellationToken);
        for (var n = 0; n < _fromUs.Length; n++)
        {
            await _python.OrderAsync("say", _fromPython[n]);
            Assert.Equal(_fromPython[n], await LineAsync());
            await SayAsync(_fromUs[n]);
            Assert.Equal("GOT " + _fromUs[n], await _python.NextAsync());
        }

        await PartAsync();
    }

    [Theory(Timeout = Patience)]
    [InlineData("server")]
    [InlineData("client")]
    public async Task Several_of_our_lines_in_a_row_reach_a_program_that_reads_once_per_line(string role)
    {
        await MeetAsync(role, _key, TestContext.Current.CancellationToken);
        foreach (var line in _fromUs)
            await SayAsync(line);
        foreach (var line in _fromUs)
            Assert.Equal("GOT " + line, await _python.NextAsync());
        await PartAsync();
    }

    [Theory(Timeout = Patience)]
    [InlineData("server", "say")]
    [InlineData("client", "say")]
    [InlineData("server", "joined")]
    [InlineData("client", "joined")]
    [InlineData("server", "pieces", "1")]
    [InlineData("client", "pieces", "7")]
    [InlineData("client", "pieces", "101")]
    [InlineData("server", "pieces", "4096")]
    public async Task Several_of_Pythons_lines_are_told_apart_however_they_are_sent(string role, params string[] style)
    {
        await MeetAsync(role, _key, TestContext.Current.CancellationToken);
        await _python.OrderAsync(style[0], [.. style[1..], .. _fromPython]);
        foreach (var line in _fromPython)
            Assert.Equal(line, await LineAsync());
        await PartAsync();
    }

    [Theory(Timeout = Patience)]
    [InlineData("server")]
    [InlineData("client")]
    public async Task Both_speak_at_the_same_time(string role)
    {
        await MeetAsync(role, _key, TestContext.Current.CancellationToken);
        foreach (var line in _fromUs)
            await SayAsync(line);
        await _python.OrderAsync("say", _fromPython);
        foreach (var line in _fromPython)
            Assert.Equal(line, await LineAsync());
        foreach (var line in _fromUs)
            Assert.Equal("GOT " + line, await _python.NextAsync());
        await PartAsync();
    }

    [Theory(Timeout = Patience)]
    [InlineData("server")]
    [InlineData("client")]
    public async Task Python_may_be_the_first_to_close(string role)
    {
        await MeetAsync(role, _key, TestContext.Current.CancellationToken);
        await _python.OrderAsync("say", "goodbye");
        await _python.OrderAsync("close");
        Assert.Equal("goodbye", await LineAsync());
        Assert.Equal(new PaperClosed(true), await NextAsync());
        await SayAsync("goodbye to you");
        Assert.Equal("GOT goodbye to you", await _python.NextAsync());
        Assert.Equal(PaperEnding.Complete, await _conversation.CompleteAsync(TimeSpan.FromMinutes(1), default));
        _python.EndOrders();
        Assert.Equal("END", await _python.NextAsync());
        Assert.Equal(0, await _python.ExitAsync());
    }

    [Fact(Timeout = Patience)]
    public async Task A_Python_program_with_another_key_is_told_to_the_person()
    {
        using var other = FernetKey.Generate(TestCrypto.Provider);
        await MeetAsync("client", other, TestContext.Current.CancellationToken);
        await _python.OrderAsync("say", "who are you?");
        Assert.Equal(new PaperRefused(PaperRefusal.DoesNotOpen), await NextAsync());
        await SayAsync("hello?");
        Assert.Equal("BAD 100", await _python.NextAsync());
    }

    private async Task MeetAsync(string role, FernetKey pythonsKey, CancellationToken stop)
    {
        var paper = new PaperKey(TestCrypto.Provider, _key, TimeProvider.System);
        if (role == "server")
        {
            _python = PythonProgram.Start(pythonsKey, "server");
            _conversation = await PaperConversation.ConnectAsync("127.0.0.1", await _python.PortAsync(), paper, stop);
        }
        else
        {
            _host = PaperHost.Listen(new IPEndPoint(IPAddress.Loopback, 0), paper);
            _python = PythonProgram.Start(pythonsKey, "client", _host.LocalEndpoint.Port.ToString());
            _conversation = await _host.AcceptAsync(stop);
        }

        _events = _conversation.ReadEventsAsync(stop).GetAsyncEnumerator(stop);
    }

    /// <summary>We close; Python sees the end, ends, and so closes too.</summary>
    private async Task PartAsync()
    {
        var ending = _conversation.CompleteAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal("END", await _python.NextAsync());
        _python.EndOrders();
        Assert.Equal(new PaperClosed(true), await NextAsync());
        Assert.Equal(PaperEnding.Complete, await ending);
        Assert.Equal(0, await _python.ExitAsync());
    }

    private Task SayAsync(string line) => _conversation.SendAsync(Encoding.UTF8.GetBytes(line), default).AsTask();

    private async Task<PaperEvent> NextAsync()
    {
        Assert.True(await _events.MoveNextAsync());
        return _events.Current;
    }

    private async Task<string> LineAsync() => Encoding.UTF8.GetString(Assert.IsType<PaperLine>(await NextAsync()).Line.Span);
}
