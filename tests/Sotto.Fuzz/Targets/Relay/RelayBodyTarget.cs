using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sotto.Relay;
using Sotto.Relay.Hosting;
using Sotto.Wire.Http;

namespace Sotto.Fuzz.Targets.Relay;

/// <summary>A body of the account plane. The first byte says what it must be.</summary>
internal static class RelayBodyTarget
{
    private static readonly Action<byte[]>[] Readers =
    [
        Reader(RelayJson.Default.RegisterRequest),
        Reader(RelayJson.Default.ListRequest),
        Reader(RelayJson.Default.RecordRequest),
        Reader(RelayJson.Default.ContactTokensRequest),
        Reader(RelayJson.Default.InviteRequest),
        Reader(RelayJson.Default.RevokeRequest),
        Reader(RelayJson.Default.KeyPackagesRequest),
        Reader(RelayJson.Default.ClaimRequest),
        Reader(RelayJson.Default.VouchersRequest),
        Reader(RelayJson.Default.DirectoryAnswer),
        Reader(RelayJson.Default.ClaimAnswer),
        Reader(RelayJson.Default.InvitesAnswer),
        Reader(RelayJson.Default.ProblemBody),
    ];

    public static int Count => Readers.Length;

    public static void Run(ReadOnlySpan<byte> input)
    {
        var reader = new InputReader(input);
        Readers[reader.Byte() % Readers.Length](reader.Rest.ToArray());
    }

    /// <summary>Reads strictly or refuses; what was read comes back the same when it is written and read again.</summary>
    private static Action<byte[]> Reader<T>(JsonTypeInfo<T> type)
        where T : class => body =>
        {
            T read;
            try
            {
                read = HttpExchange.Parse(body, type);
            }
            catch (RelayException)
            {
                return;
            }

            var written = JsonSerializer.SerializeToUtf8Bytes(read, type);
            var again = JsonSerializer.SerializeToUtf8Bytes(HttpExchange.Parse(written, type), type);
            FindingException.ThrowUnless(written.AsSpan().SequenceEqual(again), "a body changes when it is written and read");
        };
}
