using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Tests.Hosting;

/// <summary>Blobs over HTTP.</summary>
public sealed class BlobTests : IAsyncLifetime
{
    private readonly byte[] _blob = Bytes.Random(16);
    private readonly byte[] _capability = Bytes.Random(32);
    private readonly HttpClient _http = new();
    private TestRelay _relay = null!;
    private Person _ann = null!;
    private StreamClient _stream = null!;
    private TestChannel _channel = null!;

    public async ValueTask InitializeAsync()
    {
        _relay = await TestRelay.StartAsync();
        _ann = await _relay.RegisterAsync();
        _stream = await _relay.ConnectAsync();
        _channel = await TestChannel.CreateAsync(_stream, _ann);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _ann.Dispose();
        await _stream.DisposeAsync();
        await _relay.DisposeAsync();
    }

    [Fact]
    public async Task A_blob_comes_back_whole_and_in_ranges()
    {
        var content = Bytes.Random(300_000);
        await UploadAsync(content, 0, content.Length, _ann.Vouchers.Dequeue());

        Assert.Equal(content, await DownloadAsync());
        Assert.Equal(content[1000..2001], await DownloadAsync(new(1000, 2000)));
        Assert.Equal(content[299_000..], await DownloadAsync(new(299_000, null)));
        Assert.Equal(content[^500..], await DownloadAsync(new(null, 500)));
        await RefusedAsync(RelayProblem.Malformed, await SendAsync(HttpMethod.Get, new(300_000, null)));
    }

    [Fact]
    public async Task An_upload_goes_on_where_it_stopped_also_after_a_restart_and_costs_one_voucher()
    {
        var content = Bytes.Random(200_000);
        var voucher = _ann.Vouchers.Dequeue();
        Assert.Equal(70_000, await UploadAsync(content[..70_000], 0, content.Length, voucher));
        await RefusedAsync(RelayProblem.Refused, await SendAsync(HttpMethod.Get));
        using (var head = await SendAsync(HttpMethod.Head))
            Assert.Equal(("200000", "70000"), (head.Headers.GetValues(SottoHeaders.BlobLength).Single(), head.Headers.GetValues(SottoHeaders.BlobOffset).Single()));
        await _relay.RestartAsync();

        using var wrong = await PutAsync(content[..10], 0, content.Length, voucher);
        Assert.Equal("70000", wrong.Headers.GetValues(SottoHeaders.BlobOffset).Single());
        await RefusedAsync(RelayProblem.Conflict, wrong);
        Assert.Equal(200_000, await UploadAsync(content[70_000..], 70_000, content.Length, voucher));
        Assert.Equal(200_000, await UploadAsync([], 200_000, content.Length, voucher));
        Assert.Equal(content, await DownloadAsync());
    }

    [Fact]
    public async Task More_bytes_than_were_paid_for_are_refused()
    {
        using var response = await PutAsync(new byte[2000], 0, 1000, _ann.Vouchers.Dequeue());
        await RefusedAsync(RelayProblem.TooLarge, response);
    }

    [Fact]
    public async Task A_blob_needs_a_fresh_voucher_a_known_channel_and_its_capability()
    {
        var spent = _ann.Vouchers.Dequeue();
        await UploadAsync([1], 0, 1, spent);

        await RefusedAsync(RelayProblem.TokenRefused, await PutAsync([1], 0, 1, spent, blob: Bytes.Random(16)));
        await RefusedAsync(RelayProblem.TokenRefused, await PutAsync([1], 0, 1, Bytes.Random(32), blob: Bytes.Random(16)));
        await RefusedAsync(RelayProblem.Refused, await PutAsync([1], 0, 1, _ann.Vouchers.Peek(), channel: Bytes.Random(16)));
        await RefusedAsync(RelayProblem.Conflict, await PutAsync([1], 0, 1, _ann.Vouchers.Peek(), capability: Bytes.Random(32)));
        await RefusedAsync(RelayProblem.TokenRefused, await PutAsync([1], 0, 17 * 1024 * 1024, _ann.Vouchers.Peek(), blob: Bytes.Random(16)));
        await RefusedAsync(RelayProblem.TooLarge, await PutAsync([1], 0, 101 * 1024 * 1024, _ann.Vouchers.Peek(), blob: Bytes.Random(16)));
        using var request = new HttpRequestMessage(HttpMethod.Get, Target(_channel.Id, _blob));
        request.Headers.Add(SottoHeaders.Capability, Base64Url.EncodeToString(Bytes.Random(32)));
        await RefusedAsync(RelayProblem.Refused, await _http.SendAsync(request));
        await UploadAsync([1], 0, 1, _ann.Vouchers.Dequeue(), blob: Bytes.Random(16));
    }

    [Fact]
    public async Task An_expired_blob_is_gone_from_the_folder_too()
    {
        await UploadAsync([1, 2, 3], 0, 3, _ann.Vouchers.Dequeue());
        var files = () => Directory.GetFiles(Path.Combine(_relay.Folder, "blobs"), "*", SearchOption.AllDirectories);
        Assert.Single(files());
        _relay.Time.Advance(TimeSpan.FromDays(7));
        await _relay.Server.MaintainAsync();
        Assert.Single(files());
        _relay.Time.Advance(TimeSpan.FromDays(1));
        await _relay.Server.MaintainAsync();

        Assert.Empty(files());
        await RefusedAsync(RelayProblem.Refused, await SendAsync(HttpMethod.Get));
    }

    private async Task<long> UploadAsync(byte[] part, long offset, long length, byte[] voucher, byte[]? blob = null)
    {
        using var response = await PutAsync(part, offset, length, voucher, blob);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        return long.Parse(response.Headers.GetValues(SottoHeaders.BlobOffset).Single());
    }

    private async Task<HttpResponseMessage> PutAsync(byte[] part, long offset, long length, byte[] voucher, byte[]? blob = null, byte[]? channel = null, byte[]? capability = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, Target(channel ?? _channel.Id, blob ?? _blob)) { Content = new ByteArrayContent(part) };
        request.Headers.Add(SottoHeaders.Capability, Base64Url.EncodeToString(capability ?? _capability));
        request.Headers.Add(SottoHeaders.Vouchers, Base64Url.EncodeToString(voucher));
        request.Headers.Add(SottoHeaders.BlobLength, length.ToString());
        request.Headers.Add(SottoHeaders.BlobOffset, offset.ToString());
        request.Headers.Add(SottoHeaders.BlobDays, "7");
        return await _http.SendAsync(request);
    }

    private async Task<byte[]> DownloadAsync(RangeItemHeaderValue? range = null)
    {
        using var response = await SendAsync(HttpMethod.Get, range);
        Assert.Equal(range is null ? HttpStatusCode.OK : HttpStatusCode.PartialContent, response.StatusCode);
        return await response.Content.ReadAsByteArrayAsync();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, RangeItemHeaderValue? range = null)
    {
        using var request = new HttpRequestMessage(method, Target(_channel.Id, _blob));
        request.Headers.Add(SottoHeaders.Capability, Base64Url.EncodeToString(_capability));
        if (range is not null)
            request.Headers.Range = new() { Ranges = { range } };
        return await _http.SendAsync(request);
    }

    private Uri Target(byte[] channel, byte[] blob) => new(_relay.Server.Address, Routes.Blob
        .Replace("{channel}", Base64Url.EncodeToString(channel), StringComparison.Ordinal)
        .Replace("{blob}", Base64Url.EncodeToString(blob), StringComparison.Ordinal));

    private static async Task RefusedAsync(RelayProblem problem, HttpResponseMessage response)
    {
        Assert.Equal(ProblemTypes.Of(problem).Status, (int)response.StatusCode);
        Assert.Equal(ProblemTypes.Of(problem).Type, (await response.Content.ReadFromJsonAsync(RelayJson.Default.ProblemBody))!.Type);
        response.Dispose();
    }
}
