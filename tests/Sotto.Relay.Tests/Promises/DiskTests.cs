using System.Buffers.Text;
using System.Net;
using System.Net.Http.Json;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Tests.Promises;

/// <summary>Disks that are full, cannot be written or fail: what is refused is told by its name, what was taken stays, and it recovers by itself.</summary>
public sealed class DiskTests
{
    [Fact]
    public async Task A_full_disk_refuses_by_its_name_keeps_what_was_taken_and_recovers_when_there_is_room()
    {
        using var disk = await SmallDisk.MountAsync(16);
        await using var relay = await TestRelay.StartAsync(open: true, limits: new() { FreeDisk = 0 }, folder: Path.Combine(disk.Path, "data"));
        using var ann = await relay.RegisterAsync();
        await using var stream = await relay.ConnectAsync();
        var channel = await TestChannel.CreateAsync(stream, ann);
        var taken = await PostAsync(stream, channel, 5);
        var content = Bytes.Random(200_000);
        await UploadAsync(relay.Server.Address, channel, ann, content[..1_000], content.Length);

        disk.Fill();
        var refused = await FillAsync(stream, channel, taken);
        await Refusal.IsAsync(RelayProblem.StorageFull, () => ann.TellAsync(HttpMethod.Post, Routes.ContactTokens, Contacts(), RelayJson.Default.ContactTokensRequest));
        await Refusal.IsAsync(RelayProblem.StorageFull, () => UploadAsync(relay.Server.Address, channel, ann, content[1_000..], content.Length));
        await Assert.ThrowsAsync<Sotto.Relay.Storage.StorageException>(() => relay.Server.Mailboxes.SettleAllAsync());
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Full"), await ReadyAsync(relay.Server.Address));

        disk.Free();
        taken.Add((await stream.AskAsync(refused.Clone())).Posted.Sequence, refused.Post.Payload.ToByteArray());
        await ann.TellAsync(HttpMethod.Post, Routes.ContactTokens, Contacts(), RelayJson.Default.ContactTokensRequest);
        await UploadAsync(relay.Server.Address, channel, ann, content, content.Length);
        Assert.Equal((HttpStatusCode.OK, "ready"), await ReadyAsync(relay.Server.Address));
        await CheckAsync(stream, channel, taken);
        await relay.RestartAsync();
        await using var after = await relay.ConnectAsync();
        await CheckAsync(after, channel, taken);
    }

    [Fact]
    public async Task A_disk_that_is_nearly_full_lets_people_read_and_delete_and_recovers_when_there_is_room()
    {
        using var disk = await SmallDisk.MountAsync(16);
        await using var relay = await TestRelay.StartAsync(limits: new(), folder: Path.Combine(disk.Path, "data"));
        using var ann = await relay.RegisterAsync();
        await using var stream = await relay.ConnectAsync();
        var channel = await TestChannel.CreateAsync(stream, ann);
        var taken = await PostAsync(stream, channel, 3);

        disk.Fill(leave: 1024 * 1024);
        relay.Time.Advance(TimeSpan.FromSeconds(6));
        await Refusal.IsAsync(RelayProblem.StorageFull, () => stream.AskAsync(channel.Message([1])));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await ReadyAsync(relay.Server.Address)).Status);
        await CheckAsync(stream, channel, taken);
        await ann.GetAsync(Routes.Invites, RelayJson.Default.InvitesAnswer);

        disk.Free();
        relay.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal((HttpStatusCode.OK, "ready"), await ReadyAsync(relay.Server.Address));
        await stream.AskAsync(channel.Message([1]));
        using var response = await ann.SendAsync(HttpMethod.Delete, Routes.Account, [], ann.Keys.Recovery);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("pwrite64", "EROFS", RelayProblem.Unavailable)]
    [InlineData("pwrite64", "ENOSPC", RelayProblem.StorageFull)]
    [InlineData("pwrite64", "EIO", RelayProblem.Unavailable)]
    [InlineData("fsync", "EIO", RelayProblem.Unavailable)]
    public async Task A_disk_that_fails_is_told_shows_in_health_loses_nothing_and_recovers_by_itself(string call, string error, RelayProblem problem)
    {
        using var folder = new RelayFolder();
        await using var relay = await RelayProcess.StartAsync(folder, "--open-registration");
        using var ann = new Person(relay.Address, relay.Key);
        await ann.RegisterAsync();
        await ann.AddVouchersAsync(1);
        await using var stream = await StreamClient.ConnectAsync(relay.Address);
        var channel = await TestChannel.CreateAsync(stream, ann);
        var taken = await PostAsync(stream, channel, 5);

        var refused = channel.Message(Bytes.Random(3_000));
        await using (await FaultyDisk.AttachAsync(relay.ProcessId, Path.Combine(folder.Path, "mailbox.db-wal"), call, error))
        {
            await Refusal.IsAsync(problem, () => stream.AskAsync(refused.Clone()));
            await Refusal.IsAsync(problem, () => stream.AskAsync(refused.Clone()));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await ReadyAsync(relay.Address)).Status);
        }

        taken.Add((await stream.AskAsync(refused.Clone())).Posted.Sequence, refused.Post.Payload.ToByteArray());
        Assert.Equal((HttpStatusCode.OK, "ready"), await ReadyAsync(relay.Address));
        await CheckAsync(stream, channel, taken);
        relay.Kill();
        await using var again = await RelayProcess.StartAsync(folder, "--open-registration");
        await using var after = await StreamClient.ConnectAsync(again.Address);
        await CheckAsync(after, channel, taken);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_named_at_the_start_and_stays_as_it_is()
    {
        using var disk = await SmallDisk.MountAsync(16);
        var folder = new RelayFolder(Path.Combine(disk.Path, "data"));
        await using (var relay = await RelayProcess.StartAsync(folder))
            Assert.Equal(0, await relay.TerminateAsync());

        await disk.MakeReadOnlyAsync();
        var before = Contents(folder.Path);
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => RelayProcess.StartAsync(folder));
        Assert.Contains("cannot be written to", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, Contents(folder.Path));
        await disk.MakeWritableAsync();
        await using var again = await RelayProcess.StartAsync(folder);
        Assert.Equal(0, await again.TerminateAsync());
    }

    private static async Task<Dictionary<ulong, byte[]>> PostAsync(StreamClient stream, TestChannel channel, int count)
    {
        var taken = new Dictionary<ulong, byte[]>();
        for (var i = 0; i < count; i++)
        {
            var payload = Bytes.Random(1_000);
            taken.Add((await stream.AskAsync(channel.Message(payload))).Posted.Sequence, payload);
        }

        return taken;
    }

    /// <summary>Posts until the disk says no.</summary>
    /// <returns>The post that was refused.</returns>
    private static async Task<Frame> FillAsync(StreamClient stream, TestChannel channel, Dictionary<ulong, byte[]> taken)
    {
        while (true)
        {
            var frame = channel.Message(Bytes.Random(60_000));
            try
            {
                taken.Add((await stream.AskAsync(frame.Clone())).Posted.Sequence, frame.Post.Payload.ToByteArray());
            }
            catch (ProblemException refusal)
            {
                Assert.Equal(RelayProblem.StorageFull, refusal.Problem);
                return frame;
            }
        }
    }

    /// <summary>The channel holds what was taken, in order, and nothing else.</summary>
    private static async Task CheckAsync(StreamClient stream, TestChannel channel, Dictionary<ulong, byte[]> taken)
    {
        var reads = (await stream.AskAsync(channel.Subscribe(channel.Own, 0))).Subscribed;
        Assert.Equal((ulong)taken.Count, reads.Head);
        for (var sequence = 1UL; sequence <= reads.Head; sequence++)
        {
            var entry = await stream.EntryAsync(reads.Subscription);
            Assert.Equal(sequence, entry.Sequence);
            Assert.Equal(taken[sequence], entry.Payload.ToByteArray());
        }
    }

    private static ContactTokensRequest Contacts() => new([.. Enumerable.Range(0, 1000).Select(_ => Bytes.Random(32))], []);

    /// <summary>Brings the end of a blob, from where the relay says that it ends.</summary>
    private static async Task UploadAsync(Uri relay, TestChannel channel, Person person, byte[] content, int length)
    {
        using var http = new HttpClient { BaseAddress = relay };
        using var head = await http.SendAsync(Blob(HttpMethod.Head, channel));
        var there = head.IsSuccessStatusCode ? int.Parse(head.Headers.GetValues(SottoHeaders.BlobOffset).Single()) : 0;
        using var request = Blob(HttpMethod.Put, channel);
        request.Content = new ByteArrayContent(content.Length == length ? content[there..] : content);
        request.Headers.Add(SottoHeaders.Vouchers, Base64Url.EncodeToString(person.Vouchers.Peek()));
        request.Headers.Add(SottoHeaders.BlobLength, length.ToString());
        request.Headers.Add(SottoHeaders.BlobDays, "1");
        request.Headers.Add(SottoHeaders.BlobOffset, there.ToString());
        using var answer = await http.SendAsync(request);
        if (!answer.IsSuccessStatusCode)
            throw new ProblemException((await answer.Content.ReadFromJsonAsync(RelayJson.Default.ProblemBody))!.Type);
    }

    private static HttpRequestMessage Blob(HttpMethod method, TestChannel channel)
    {
        var target = Routes.Blob
            .Replace("{channel}", Base64Url.EncodeToString(channel.Id), StringComparison.Ordinal)
            .Replace("{blob}", Base64Url.EncodeToString(channel.Own.Id), StringComparison.Ordinal);
        var request = new HttpRequestMessage(method, target);
        request.Headers.Add(SottoHeaders.Capability, Base64Url.EncodeToString(channel.WriteCapability));
        return request;
    }

    private static async Task<(HttpStatusCode Status, string Text)> ReadyAsync(Uri relay)
    {
        using var http = new HttpClient { BaseAddress = relay };
        using var answer = await http.GetAsync(Routes.Ready);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static Dictionary<string, string> Contents(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .ToDictionary(path => path, path => Convert.ToHexString(Bytes.Hash(File.ReadAllBytes(path))));
}
