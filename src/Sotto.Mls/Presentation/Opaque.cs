using Sotto.Mls.Trees;

namespace Sotto.Mls.Presentation;

/// <summary>What is done with <c>opaque</c> values everywhere: comparing, hashing, reading lists of numbers.</summary>
internal static class Opaque
{
    /// <summary>Whether two public values hold the same bytes.</summary>
    public static bool SameAs(this ReadOnlyMemory<byte> one, ReadOnlyMemory<byte> other) => one.Span.SequenceEqual(other.Span);

    /// <summary>A hash that is seeded per process, so that nobody can choose values that collide.</summary>
    public static int ContentHash(this ReadOnlyMemory<byte> bytes)
    {
        var hash = default(HashCode);
        hash.AddBytes(bytes.Span);
        return hash.ToHashCode();
    }

    /// <summary>The numbers of a list of capabilities (<c>uint16 values&lt;V&gt;</c>), which the leaves of a group are compared with one by one.</summary>
    public static ushort[] ReadUInt16List(ref TlsReader reader)
    {
        var values = reader.ReadVectorReader();
        Check.That(values.Remaining % 2 == 0, MlsRule.Truncated);
        Check.That(values.Remaining / 2 <= Capabilities.MostInList, MlsRule.CapabilityCount);
        var list = new ushort[values.Remaining / 2];
        for (var i = 0; i < list.Length; i++)
            list[i] = values.ReadUInt16();
        return list;
    }

    public static void WriteUInt16List(TlsWriter writer, IReadOnlyList<ushort> values)
    {
        var start = writer.BeginVector();
        foreach (var value in values)
            writer.WriteUInt16(value);
        writer.EndVector(start);
    }
}
