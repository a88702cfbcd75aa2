using System.Buffers.Text;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using Sotto.Relay.Hosting;
using Sotto.Relay.Storage;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Blobs;

/// <summary>
/// Blobs by streamed HTTP: an upload may stop anywhere and go on where <c>HEAD</c> says, a download takes ranges. They belong
/// to the mailbox plane: capabilities and vouchers, no signature.
/// </summary>
internal sealed class BlobRoutes(IMailboxStore store, BlobFolder folder, RoomWatch room)
{
    private const int MaxDays = 60;
    private const int BufferSize = 64 * 1024;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPut(Routes.Blob, (RequestDelegate)UploadAsync);
        routes.MapGet(Routes.Blob, (RequestDelegate)DownloadAsync);
        routes.MapMethods(Routes.Blob, [HttpMethods.Head], (RequestDelegate)HeadAsync);
    }

    /// <summary>
    /// The first request pays. Each brings bytes for exactly where the blob ends now; whoever is wrong about that is told by
    /// a conflict with the right offset.
    /// </summary>
    private async Task UploadAsync(HttpContext context)
    {
        room.Require();
        var request = ReadUpload(context);
        var known = await store.CreateBlobAsync(request).ConfigureAwait(false);
        var offset = Number(context, SottoHeaders.BlobOffset, 0, request.Length);
        if (!known.IsComplete)
            await ReceiveAsync(context, request, offset).ConfigureAwait(false);
        ShowOffset(context, known.IsComplete ? known.Length : folder.LengthOf(request.Address));
        await HttpExchange.NoContentAsync(context).ConfigureAwait(false);
    }

    private async Task ReceiveAsync(HttpContext context, NewBlob blob, long offset)
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = blob.Length - offset;
        FileStream? file = null;
        try
        {
            file = folder.OpenForWriting(blob.Address);
            ShowOffset(context, file.Length);
            if (file.Length != offset)
                throw new RelayException(RelayProblem.Conflict, "The blob ends somewhere else.");
            await CopyAsync(context, file, blob.Length).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
            if (file.Length == blob.Length)
                await store.CompleteBlobAsync(blob.Address).ConfigureAwait(false);
        }
        catch (IOException e) when (BlobFolder.IsFull(e))
        {
            throw new RelayException(RelayProblem.StorageFull);
        }
        catch (IOException e) when (e is not (BadHttpRequestException or FileNotFoundException) && !context.RequestAborted.IsCancellationRequested)
        {
            throw new RelayException(RelayProblem.Unavailable, "The blob is being written by somebody else, or the disk failed.");
        }
        finally
        {
            if (file is not null)
                await file.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task CopyAsync(HttpContext context, FileStream file, long length)
    {
        var buffer = new byte[BufferSize];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted).ConfigureAwait(false)) > 0)
        {
            if (file.Length + read > length)
                throw new RelayException(RelayProblem.TooLarge);
            await file.WriteAsync(buffer.AsMemory(0, read), CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task HeadAsync(HttpContext context)
    {
        var address = AddressOf(context);
        var known = await store.FindBlobAsync(address, CapabilityOf(context)).ConfigureAwait(false);
        context.Response.Headers[SottoHeaders.BlobLength] = known.Length.ToString(CultureInfo.InvariantCulture);
        ShowOffset(context, known.IsComplete ? known.Length : folder.LengthOf(address));
    }

    private async Task DownloadAsync(HttpContext context)
    {
        var address = AddressOf(context);
        var known = await store.FindBlobAsync(address, CapabilityOf(context)).ConfigureAwait(false);
        if (!known.IsComplete)
            throw new RelayException(RelayProblem.Refused);
        var file = folder.OpenForReading(address);
        await using var disposing = file.ConfigureAwait(false);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.AcceptRanges = "bytes";
        context.Response.ContentType = "application/octet-stream";
        var (first, count) = RangeOf(context, known.Length);
        context.Response.ContentLength = count;
        file.Seek(first, SeekOrigin.Begin);
        await SendAsync(context, file, count).ConfigureAwait(false);
    }

    private static async Task SendAsync(HttpContext context, FileStream file, long count)
    {
        var buffer = new byte[BufferSize];
        while (count > 0)
        {
            var read = await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, count)), context.RequestAborted).ConfigureAwait(false);
            if (read == 0)
                break;
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted).ConfigureAwait(false);
            count -= read;
        }
    }

    /// <summary>One range (RFC 9110 §14); anything else is answered with the whole.</summary>
    private static (long First, long Count) RangeOf(HttpContext context, long length)
    {
        var range = context.Request.GetTypedHeaders().Range;
        if (range is not { Ranges.Count: 1, Unit.Value: "bytes" })
            return (0, length);
        var asked = range.Ranges.First();
        var first = asked.From ?? Math.Max(0, length - asked.To!.Value);
        var last = asked.From is null ? length - 1 : Math.Min(asked.To ?? long.MaxValue, length - 1);
        if (first >= length || last < first)
            throw new RelayException(RelayProblem.Malformed, "The range lies outside of the blob.");
        context.Response.StatusCode = StatusCodes.Status206PartialContent;
        context.Response.Headers.ContentRange = new ContentRangeHeaderValue(first, last, length).ToString();
        return (first, last - first + 1);
    }

    private static NewBlob ReadUpload(HttpContext context)
    {
        var length = Number(context, SottoHeaders.BlobLength, 1, Limits.Blob);
        var days = (int)Number(context, SottoHeaders.BlobDays, 1, MaxDays);
        var vouchers = VouchersOf(context);
        var price = (length + Limits.BlobForVoucher - 1) / Limits.BlobForVoucher;
        return vouchers.Count == price && vouchers.Distinct().Count() == vouchers.Count
            ? new(AddressOf(context), CapabilityOf(context), length, days, vouchers)
            : throw new RelayException(RelayProblem.TokenRefused, "One voucher is needed for each 16 MiB.");
    }

    private static List<Bytes32> VouchersOf(HttpContext context)
    {
        var texts = context.Request.Headers[SottoHeaders.Vouchers].ToString().Split(',', StringSplitOptions.TrimEntries);
        try
        {
            return [.. texts.Select(text => HttpExchange.HashOfToken(Base64Url.DecodeFromChars(text)))];
        }
        catch (FormatException)
        {
            throw new RelayException(RelayProblem.Malformed);
        }
    }

    private static long Number(HttpContext context, string header, long least, long most) =>
        long.TryParse(context.Request.Headers[header].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least
            ? number <= most ? number : throw new RelayException(RelayProblem.TooLarge)
            : throw new RelayException(RelayProblem.Malformed);

    private static void ShowOffset(HttpContext context, long offset) =>
        context.Response.Headers[SottoHeaders.BlobOffset] = offset.ToString(CultureInfo.InvariantCulture);

    private static BlobAddress AddressOf(HttpContext context) => new(HttpExchange.Route16(context, "channel"), HttpExchange.Route16(context, "blob"));

    private static Bytes32 CapabilityOf(HttpContext context) =>
        HttpExchange.HashOfToken(HttpExchange.HeaderBytes(context, SottoHeaders.Capability, Limits.Capability));
}
