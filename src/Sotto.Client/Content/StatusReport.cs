using Sotto.Wire.Records;

namespace Sotto.Client.Content;

/// <summary>
/// Which messages arrived or were shown: <c>uint8 format = 1; uint64 seen; struct { opaque message_id[32]; uint8 status }
/// reports&lt;V&gt;</c>, status 1 delivered and 2 read; <c>seen</c> is the highest counter seen of the receiver's contents.
/// </summary>
internal sealed record StatusReport(ulong Seen, IReadOnlyList<(MessageId Message, bool IsRead)> Reports)
{
    private const byte Format = 1;
    private const byte Delivered = 1;
    private const byte Read = 2;
    private const int Most = 1_000;

    public byte[] Encode()
    {
        var reports = new TlsWriter();
        foreach (var (message, isRead) in Reports)
            reports.Bytes(message.Bytes).Byte(isRead ? Read : Delivered);
        return new TlsWriter().Byte(Format).Number64(Seen).Vector(reports.Written).ToArray();
    }

    /// <summary>Null when the bytes are none.</summary>
    public static StatusReport? Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        var known = reader.Byte() == Format;
        var seen = reader.Number64();
        var list = new TlsReader(reader.Vector());
        var reports = new List<(MessageId, bool)>();
        while (list.HasMore && reports.Count < Most)
        {
            var id = list.Bytes(MessageId.Length);
            var status = list.Byte();
            if (id.IsEmpty || status is not (Delivered or Read))
                return null;
            reports.Add((new(id), status == Read));
        }

        return known && reader.AtEnd && list.AtEnd ? new(seen, reports) : null;
    }
}
