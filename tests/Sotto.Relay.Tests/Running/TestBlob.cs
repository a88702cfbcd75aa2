using System.Buffers.Text;
using Sotto.Wire.Http;

namespace Sotto.Relay.Tests.Running;

/// <summary>A blob of a channel, as its uploader knows it.</summary>
public sealed class TestBlob(TestChannel channel)
{
    private readonly string _path = Routes.Blob
        .Replace("{channel}", Base64Url.EncodeToString(channel.Id), StringComparison.Ordinal)
        .Replace("{blob}", Base64Url.EncodeToString(Bytes.Random(16)), StringComparison.Ordinal);

    private readonly string _capability = Base64Url.EncodeToString(Bytes.Random(32));

    public async Task UploadAsync(Uri relay, byte[] content, byte[] voucher)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(relay, _path)) { Content = new ByteArrayContent(content) };
        request.Headers.Add(SottoHeaders.Capability, _capability);
        request.Headers.Add(SottoHeaders.Vouchers, Base64Url.EncodeToString(voucher));
        request.Headers.Add(SottoHeaders.BlobLength, content.Length.ToString());
        request.Headers.Add(SottoHeaders.BlobDays, "30");
        request.Headers.Add(SottoHeaders.BlobOffset, "0");
        using var http = new HttpClient();
        (await http.SendAsync(request)).EnsureSuccessStatusCode();
    }

    public async Task<byte[]> DownloadAsync(Uri relay)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(relay, _path));
        request.Headers.Add(SottoHeaders.Capability, _capability);
        using var http = new HttpClient();
        return await (await http.SendAsync(request)).EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
    }
}
