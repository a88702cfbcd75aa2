using System.Buffers;
using System.IO.Pipelines;
using Sotto.Direct.Conversations;

namespace Sotto.Terminal.Direct;

/// <summary>
/// Standard input as raw bytes, cut at line feeds. The bytes before the first line's end may be taken on their own, for an
/// invite or a key; nothing is read beyond what is asked for.
/// </summary>
internal sealed class StdinLines
{
    private const int PartLength = 32 * 1024;
    private readonly PipeReader _reader;

    public StdinLines() : this(Console.OpenStandardInput())
    {
    }

    public StdinLines(Stream input) => _reader = PipeReader.Create(input, new StreamPipeReaderOptions(bufferSize: 64 * 1024, leaveOpen: true));

    /// <summary>The first line, for an invite or a key; null at the end of the input.</summary>
    public string? FirstLine()
    {
        const int longest = 8 * 1024;
        while (true)
        {
            var read = _reader.ReadAsync().AsTask().GetAwaiter().GetResult();
            var buffer = read.Buffer;
            if (buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = Text(buffer.Slice(0, end));
                _reader.AdvanceTo(buffer.GetPosition(1, end));
                return line;
            }

            if (read.IsCompleted || buffer.Length > longest)
            {
                var rest = buffer.Length > longest ? "" : Text(buffer);
                _reader.AdvanceTo(buffer.End);
                return rest.Length == 0 ? null : rest;
            }

            _reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>The rest, in order, with how each piece stands to a line.</summary>
    public async IAsyncEnumerable<(ReadOnlyMemory<byte> Text, LineShape Shape)> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await _reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            var rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                yield return (rest.Slice(0, end).ToArray(), LineShape.Line);
                rest = rest.Slice(rest.GetPosition(1, end));
            }

            if (read.IsCompleted)
            {
                if (!rest.IsEmpty)
                    yield return (rest.ToArray(), LineShape.Unterminated);
                yield break;
            }

            if (rest.Length >= PartLength)
            {
                yield return (rest.ToArray(), LineShape.Continues);
                rest = rest.Slice(rest.End);
            }

            _reader.AdvanceTo(rest.Start, rest.End);
        }
    }

    private static string Text(ReadOnlySequence<byte> line) => System.Text.Encoding.UTF8.GetString(line.ToArray()).Trim();
}
