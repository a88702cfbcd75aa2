using System.Buffers.Binary;
using System.Buffers.Text;
using System.Net;
using Sotto.Relay.Hosting;
using Sotto.Relay.Storage.Sqlite.Mailbox;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Http;
using Sotto.Wire.Records;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Tests.Promises.PowerLoss;

/// <summary>A relay in this process and clients that use all of it, until the log was moved into the database file and begun anew.</summary>
internal sealed class RecordedWork(string folder, bool flushes) : IDisposable
{
    private const int Channels = 4;
    private const int PostsAfterwards = 200;
    private const int MostPosts = 5_000;

    private readonly Acknowledgements _told = new(folder);
    private readonly string _data = Path.Combine(folder, "data");
    private int _posts;
    private int _postsAfterwards;

    public static string DataOf(string folder) => Path.Combine(folder, "data");

    public async Task RunAsync()
    {
        await using var relay = await RelayServer.StartAsync(
            new() { Listen = new(IPAddress.Loopback, 0), Folder = _data, OpenRegistration = true, Limits = new() { FreeDisk = 0, Flushes = flushes } },
            TestRelay.Crypto, TimeProvider.System);
        _told.Add("relay", relay.Identity.Key.ToArray());
        var writers = Enumerable.Range(0, Channels).Select(_ => WriteAsync(relay)).ToList();
        await Task.WhenAll(writers.Append(LiveAsync(relay)));
    }

    public void Dispose() => _told.Dispose();

    /// <summary>Once the log was moved and enough was posted after that.</summary>
    private bool IsEnough()
    {
        Assert.True(_posts < MostPosts, "The log was never moved.");
        if (new FileInfo(Path.Combine(_data, MailboxSchema.FileName)).Length < 1024 * 1024)
            return false;
        return Interlocked.Increment(ref _postsAfterwards) > PostsAfterwards;
    }

    private async Task WriteAsync(RelayServer relay)
    {
        using var person = await RegisterAsync(relay);
        await using var stream = await StreamClient.ConnectAsync(relay.Address);
        var channel = await TestChannel.CreateAsync(stream, person);
        _told.Add("channel", channel.Id, channel.Own.Id, Bytes.Hash(channel.Own.ReadCapability));
        while (!IsEnough())
        {
            var next = Bytes.Random(32);
            var isCommit = Interlocked.Increment(ref _posts) % 7 == 0;
            var frame = isCommit ? channel.Commit(next) : channel.Message(Bytes.Random(4_000 + _posts * 37 % 20_000));
            var answer = await stream.AskAsync(frame);
            _told.Add("post", channel.Id, Number(answer.Posted.Sequence), Bytes.Hash(frame.Post.Payload.ToByteArray()));
            if (isCommit)
                channel.Won(next);
        }
    }

    /// <summary>People come, who use the account plane and blobs.</summary>
    private async Task LiveAsync(RelayServer relay)
    {
        while (!IsEnough())
        {
            using var person = await RegisterAsync(relay);
            var id = person.Keys.Id.ToArray();
            await ClaimAsync(person, id);
            await RecordAsync(person, id);
            await BlobAsync(relay, person);
            foreach (var voucher in person.Vouchers)
                _told.Add("voucher", Bytes.Hash(voucher));
        }
    }

    private async Task<Person> RegisterAsync(RelayServer relay)
    {
        var person = new Person(relay.Address, relay.Identity.Key);
        await person.RegisterAsync();
        _told.Add("account", person.Keys.Id.ToArray());
        await person.AddVouchersAsync(4);
        return person;
    }

    private async Task ClaimAsync(Person person, byte[] id)
    {
        var (token, claim) = (Bytes.Random(32), Bytes.Random(16));
        var day = (uint)(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 86_400);
        await person.TellAsync(HttpMethod.Post, Routes.ContactTokens, new([Bytes.Hash(token)], []), RelayJson.Default.ContactTokensRequest);
        KeyPackageItem[] packages = [new(Bytes.Random(900), day + 20), new(Bytes.Random(900), day + 20)];
        await person.AskAsync(HttpMethod.Put, Routes.KeyPackages, new(packages), RelayJson.Default.KeyPackagesRequest, RelayJson.Default.KeyPackagesAnswer);
        var answer = await person.PostAsync(Routes.ClaimKeyPackages, new([new(id, token, claim)]), RelayJson.Default.ClaimRequest, RelayJson.Default.ClaimAnswer);
        _told.Add("claim", id, Bytes.Hash(token), claim, Bytes.Hash(answer.Targets[0].Packages![0].Package!));
    }

    private async Task RecordAsync(Person person, byte[] id)
    {
        var body = new RecoveryRecord { Account = person.Keys.Id, Number = 1, Day = 0, Sealed = Bytes.Random(5_000) }.EncodeBody();
        var record = new SignedRecord(body, person.Keys.Account.Sign(SignContent.Encode(SignContent.RecoveryRecord, body))).Encode();
        await person.TellAsync(HttpMethod.Put, Routes.RecoveryRecord, new(record), RelayJson.Default.RecordRequest);
        _told.Add("record", id, Bytes.Hash(record));
    }

    private async Task BlobAsync(RelayServer relay, Person person)
    {
        await using var stream = await StreamClient.ConnectAsync(relay.Address);
        var channel = await TestChannel.CreateAsync(stream, person, ChannelKind.Intro);
        var (blob, capability, content) = (Bytes.Random(16), Bytes.Random(32), Bytes.Random(30_000));
        using var http = new HttpClient { BaseAddress = relay.Address };
        using var upload = new HttpRequestMessage(HttpMethod.Put, Blob(channel.Id, blob)) { Content = new ByteArrayContent(content) };
        upload.Headers.Add(SottoHeaders.Capability, Base64Url.EncodeToString(capability));
        upload.Headers.Add(SottoHeaders.Vouchers, Base64Url.EncodeToString(person.Vouchers.Dequeue()));
        upload.Headers.Add(SottoHeaders.BlobLength, content.Length.ToString());
        upload.Headers.Add(SottoHeaders.BlobDays, "1");
        upload.Headers.Add(SottoHeaders.BlobOffset, "0");
        using var answer = await http.SendAsync(upload);
        answer.EnsureSuccessStatusCode();
        _told.Add("blob", channel.Id, blob, Bytes.Hash(capability), Bytes.Hash(content));
    }

    private static string Blob(byte[] channel, byte[] blob) => Routes.Blob
        .Replace("{channel}", Base64Url.EncodeToString(channel), StringComparison.Ordinal)
        .Replace("{blob}", Base64Url.EncodeToString(blob), StringComparison.Ordinal);

    private static byte[] Number(ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return bytes;
    }
}
