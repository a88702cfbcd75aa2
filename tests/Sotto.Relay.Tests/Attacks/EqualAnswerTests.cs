using System.Buffers.Text;
using System.Net.Http.Json;
using System.Text;
using Google.Protobuf;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Http;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Tests.Attacks;

/// <summary>AT-29, second half: who asks without a right learns nothing of what exists. Answers are compared byte by byte.</summary>
public sealed class EqualAnswerTests
{
    private static readonly int Lookups = Environment.GetEnvironmentVariable("SOTTO_TIER") == "all" ? 10_000 : 600;

    [Fact]
    public async Task Accounts_and_tokens_that_exist_and_that_do_not_get_the_same_answers()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        using var eve = await relay.RegisterAsync();
        var token = Bytes.Random(32);
        await ann.TellAsync(HttpMethod.Post, Routes.ContactTokens, new([Bytes.Hash(token)], []), RelayJson.Default.ContactTokensRequest);
        using var http = new HttpClient { BaseAddress = relay.Server.Address };
        var answers = new Dictionary<string, HashSet<string>>();
        for (var i = 0; i < Lookups; i++)
        {
            // A token of its own each time: one token's lookups have a limit, which LookupLimitTests look at.
            var account = i % 2 == 0 ? ann.Id : Base64Url.EncodeToString(Bytes.Random(32));
            await RecordAsync(answers, "directory", await SendAsync(http, Routes.Directory, account, Bytes.Random(32)));
            await RecordAsync(answers, "card", await SendAsync(http, Routes.Card, account, Bytes.Random(32)));
            await RecordAsync(answers, "claim", await http.PostAsJsonAsync(Routes.ClaimKeyPackages, new ClaimRequest([new(Base64Url.DecodeFromChars(account), Bytes.Random(32), Bytes.Random(16))]), RelayJson.Default.ClaimRequest));
            if (i % 10 > 1)
                continue;
            await RecordAsync(answers, "directory, signed by a stranger", await eve.SendAsync(HttpMethod.Get, Routes.Directory.Replace("{account}", account, StringComparison.Ordinal), []));
            await RecordAsync(answers, "recovery, signed by a stranger", await eve.SendAsync(HttpMethod.Get, Routes.Recovery.Replace("{account}", account, StringComparison.Ordinal), []));
        }

        Assert.All(answers, kind => Assert.True(kind.Value.Count == 1, $"{kind.Key}: {string.Join(" | ", kind.Value)}"));
        // The holder of a right gets something else, so there is something to hide.
        await RecordAsync(answers, "directory", await SendAsync(http, Routes.Directory, ann.Id, token));
        Assert.Equal(2, answers["directory"].Count);
    }

    [Fact]
    public async Task Channels_and_mailboxes_that_exist_and_that_do_not_get_the_same_answers()
    {
        await using var relay = await TestRelay.StartAsync();
        using var ann = await relay.RegisterAsync();
        await using var stream = await relay.ConnectAsync();
        var channel = await TestChannel.CreateAsync(stream, ann);
        var intro = await TestChannel.CreateAsync(stream, ann, ChannelKind.Intro);
        var answers = new HashSet<string>();
        for (var i = 0; i < Lookups / 10; i++)
        {
            foreach (var id in new[] { channel.Id, intro.Id, Bytes.Random(16) })
            {
                foreach (var mailbox in new[] { channel.Own.Id, intro.Own.Id, Bytes.Random(16) })
                {
                    foreach (var frame in Asks(id, mailbox))
                        answers.Add(await AnswerAsync(stream, frame));
                }
            }
        }

        Assert.Single(answers);
        answers.Add(await AnswerAsync(stream, channel.Message([1])));
        Assert.Equal(2, answers.Count);
    }

    /// <summary>Every request that shows a capability, with one that opens nothing.</summary>
    private static Frame[] Asks(byte[] channel, byte[] mailbox)
    {
        var nowhere = new TestChannel();
        var (message, through) = (nowhere.Message([1]), nowhere.Message([1]));
        message.Post.Channel = through.Post.Channel = Bytes.Wire(channel);
        (through.Post.Kind, through.Post.EpochTag) = (EntryKind.IntroEntry, ByteString.Empty);
        var ephemeral = message.Clone();
        ephemeral.Post.Kind = EntryKind.Ephemeral;
        var right = Bytes.Wire(Bytes.Random(32));
        return
        [
            message, through, ephemeral,
            new() { Subscribe = new() { Channel = Bytes.Wire(channel), Mailbox = Bytes.Wire(mailbox), ReadCapability = right } },
            new() { Claim = new() { Channel = Bytes.Wire(channel), Mailbox = Bytes.Wire(mailbox), ClaimToken = right, ReadCapabilityHash = right } },
            new() { Rekey = new() { Channel = Bytes.Wire(channel), Mailbox = Bytes.Wire(mailbox), ReadCapability = right, NewReadCapabilityHash = right } },
            new() { SetNote = new() { Channel = Bytes.Wire(channel), Mailbox = Bytes.Wire(mailbox), ReadCapability = right, Note = Bytes.Wire(new byte[64]) } },
            new() { SetWakeToken = new() { Channel = Bytes.Wire(channel), Mailbox = Bytes.Wire(mailbox), ReadCapability = right } },
            new() { OpenLane = new() { Channel = Bytes.Wire(channel), Capability = right, LaneHash = right, Kind = LaneKind.Contact } },
            new() { CloseLane = new() { Channel = Bytes.Wire(channel), Capability = right, LaneHash = right } },
            new() { Reserve = new() { Channel = Bytes.Wire(channel), LaneCapability = right, ReserveKeyHash = right } },
        ];
    }

    private static async Task<string> AnswerAsync(StreamClient stream, Frame frame)
    {
        var answer = await (await stream.StartAsync(frame)).WaitAsync(StreamClient.Patience);
        answer.Request = 0;
        return answer.ToString();
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, string route, string account, byte[] token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, route.Replace("{account}", account, StringComparison.Ordinal));
        request.Headers.Add(SottoHeaders.Token, Base64Url.EncodeToString(token));
        return await http.SendAsync(request);
    }

    /// <summary>Everything of an answer but the clock and the fresh nonce.</summary>
    private static async Task RecordAsync(Dictionary<string, HashSet<string>> answers, string kind, HttpResponseMessage answer)
    {
        using var answered = answer;
        var text = new StringBuilder().Append((int)answer.StatusCode);
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).OrderBy(header => header.Key, StringComparer.Ordinal))
        {
            if (name is not ("Date" or SottoHeaders.Nonce))
                text.Append('\n').Append(name).Append(": ").AppendJoin(", ", values);
        }

        text.Append('\n').Append(await answer.Content.ReadAsStringAsync());
        if (!answers.TryGetValue(kind, out var seen))
            answers[kind] = seen = [];
        seen.Add(text.ToString());
    }
}
