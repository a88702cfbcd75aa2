using System.Buffers.Text;
using System.Globalization;
using Sotto.Wire;
using Sotto.Wire.Http;

namespace Sotto.Client.Relays;

/// <summary>Small blobs over HTTP, each in one request.</summary>
internal sealed class HttpBlobs(HttpClient http) : IBlobs
{
    public async Task PutAsync(BlobUpload upload, CancellationToken cancellationToken)
    {
        var offset = await OffsetAsync(upload, cancellationToken).ConfigureAwait(false);
        if (offset == upload.Content.Length)
            return;
        var message = Request(HttpMethod.Put, upload.Channel, upload.Blob, upload.Capability);
        message.Content = new ByteArrayContent(upload.Content, offset, upload.Content.Length - offset);
        message.Headers.Add(SottoHeaders.Vouchers, string.Join(',', upload.Vouchers.Select(Text)));
        message.Headers.Add(SottoHeaders.BlobLength, Number(upload.Content.Length));
        message.Headers.Add(SottoHeaders.BlobDays, Number(upload.Days));
        message.Headers.Add(SottoHeaders.BlobOffset, Number(offset));
        using var response = await HttpSending.SendAsync(http, message, cancellationToken).ConfigureAwait(false);
    }

    public async Task<byte[]> GetAsync(Bytes16 channel, Bytes16 blob, Bytes32 capability, CancellationToken cancellationToken)
    {
        using var response = await HttpSending.SendAsync(http, Request(HttpMethod.Get, channel, blob, capability), cancellationToken).ConfigureAwait(false);
        try
        {
            return await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (HttpFailures.IsConnection(failure, cancellationToken))
        {
            throw HttpFailures.Unreachable(failure);
        }
    }

    /// <summary>How much of it has arrived: nothing, or what an earlier try brought.</summary>
    private async Task<int> OffsetAsync(BlobUpload upload, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await HttpSending.SendAsync(http, Request(HttpMethod.Head, upload.Channel, upload.Blob, upload.Capability), cancellationToken).ConfigureAwait(false);
            var text = response.Headers.TryGetValues(SottoHeaders.BlobOffset, out var values) ? values.First() : "0";
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var offset) && offset <= upload.Content.Length ? offset : 0;
        }
        catch (Exception refused) when (refused is RelayRefusedException or RelayUnreachableException)
        {
            // Not there yet. An answer to HEAD has no body that could say so.
            return 0;
        }
    }

    private static HttpRequestMessage Request(HttpMethod method, Bytes16 channel, Bytes16 blob, Bytes32 capability)
    {
        var target = Routes.Blob
            .Replace("{channel}", Base64Url.EncodeToString(channel.ToArray()), StringComparison.Ordinal)
            .Replace("{blob}", Base64Url.EncodeToString(blob.ToArray()), StringComparison.Ordinal);
        var message = new HttpRequestMessage(method, target);
        message.Headers.Add(SottoHeaders.Capability, Text(capability));
        return message;
    }

    private static string Text(Bytes32 value) => Base64Url.EncodeToString(value.ToArray());

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
