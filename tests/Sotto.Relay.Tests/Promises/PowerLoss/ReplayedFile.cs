namespace Sotto.Relay.Tests.Promises.PowerLoss;

/// <summary>One file: what is surely on the disk, and what was written since and may be there or not, sector by sector.</summary>
internal sealed class ReplayedFile
{
    private const int Sector = 512;

    private readonly GrowingBytes _durable = new();
    private readonly List<RecordedCall> _pending = [];

    public int Pending => _pending.Count;

    public void Add(RecordedCall change) => _pending.Add(change);

    /// <summary>What was pending when a flush began is durable.</summary>
    public void Flush(int count)
    {
        foreach (var change in _pending.Take(count))
            Apply(_durable, change);
        _pending.RemoveRange(0, Math.Min(count, _pending.Count));
    }

    /// <summary>The disk when nothing got there since the last flush.</summary>
    public byte[] Durable() => _durable.ToArray();

    /// <summary>The disk when everything got there.</summary>
    public byte[] Everything()
    {
        var all = new GrowingBytes(_durable);
        _pending.ForEach(change => Apply(all, change));
        return all.ToArray();
    }

    /// <summary>Each sector, and the length, as it was after some of the writes since the last flush, each for itself.</summary>
    public byte[] Torn(Random random)
    {
        if (_pending.Count == 0)
            return Durable();
        var now = new GrowingBytes(_durable);
        var histories = new Dictionary<int, List<byte[]>>();
        var lengths = new List<int> { now.Length };
        foreach (var change in _pending)
        {
            foreach (var sector in SectorsOf(change))
                histories.TryAdd(sector, [now.Read(sector * Sector, Sector)]);
            Apply(now, change);
            foreach (var sector in SectorsOf(change))
                histories[sector].Add(now.Read(sector * Sector, Sector));
            lengths.Add(now.Length);
        }

        var torn = new GrowingBytes(_durable);
        foreach (var (sector, history) in histories.OrderBy(sector => sector.Key))
            torn.Write(sector * Sector, history[random.Next(history.Count)]);
        torn.SetLength(lengths[random.Next(lengths.Count)]);
        return torn.ToArray();
    }

    private static IEnumerable<int> SectorsOf(RecordedCall change) => change is Written { Bytes.Length: > 0 } write
        ? Enumerable.Range((int)(write.Offset / Sector), (int)((write.Offset + write.Bytes.Length - 1) / Sector - write.Offset / Sector) + 1)
        : [];

    private static void Apply(GrowingBytes bytes, RecordedCall change)
    {
        if (change is Written write)
            bytes.Write((int)write.Offset, write.Bytes);
        else
            bytes.SetLength((int)((Truncated)change).Length);
    }

    /// <summary>Bytes with a length, zeros where nothing was written.</summary>
    private sealed class GrowingBytes
    {
        private byte[] _bytes = [];

        public GrowingBytes()
        {
            // Empty.
        }

        public GrowingBytes(GrowingBytes other) => (_bytes, Length) = (other.ToArray(), other.Length);

        public int Length { get; private set; }

        public byte[] ToArray() => _bytes[..Length];

        public byte[] Read(int offset, int count)
        {
            var read = new byte[count];
            if (offset < Length)
                _bytes.AsSpan(offset, Math.Min(count, Length - offset)).CopyTo(read);
            return read;
        }

        public void Write(int offset, byte[] bytes)
        {
            if (offset + bytes.Length > Length)
                SetLength(offset + bytes.Length);
            bytes.CopyTo(_bytes, offset);
        }

        public void SetLength(int length)
        {
            if (length > _bytes.Length)
                Array.Resize(ref _bytes, Math.Max(length, 2 * _bytes.Length));
            if (length < Length)
                _bytes.AsSpan(length, Length - length).Clear();
            Length = length;
        }
    }
}
