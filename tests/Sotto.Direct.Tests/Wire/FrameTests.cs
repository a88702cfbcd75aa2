using CsCheck;
using Sotto.Direct.Wire;

namespace Sotto.Direct.Tests.Wire;

public sealed class FrameTests
{
    [Fact]
    public void Frames_come_out_as_they_went_in_however_the_stream_is_cut() =>
        Gen.Select(Gen.Byte.Array[0, 3000].Array[1, 20], Gen.Int[1, 5000].Array[1, 50]).Sample((bodies, cuts) =>
        {
            var writer = new FrameWriter();
            foreach (var body in bodies)
                writer.Add(FrameType.Token, body);
            var reader = new FrameReader(4096);
            var found = new List<byte[]>();
            var rest = writer.Written;
            for (var i = 0; rest.Length > 0; i++)
            {
                var space = reader.Space();
                var count = Math.Min(Math.Min(cuts[i % cuts.Length], rest.Length), space.Length);
                rest[..count].CopyTo(space);
                reader.Pushed(count);
                rest = rest[count..];
                while (reader.TryTake(out var frame))
                    found.Add(frame.Body.ToArray());
            }

            return found.Count == bodies.Length && found.Zip(bodies).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
        });

    [Theory]
    [InlineData(0u)]
    [InlineData(4098u)]
    [InlineData(0x40000000u)]
    [InlineData(0xffffffffu)]
    public void A_length_that_cannot_be_is_refused_before_anything_is_allocated(uint length)
    {
        var reader = new FrameReader(4096);
        var space = reader.Space();
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(space.Span, length);
        reader.Pushed(5);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<DirectException>(() => reader.TryTake(out _));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 16_384);
    }

    [Fact]
    public void A_reader_that_runs_past_the_end_says_so_and_gives_zeros()
    {
        var reader = new WireReader([1, 2, 3]);
        Assert.Equal(0x0102, reader.UInt16());
        Assert.Equal(0u, reader.UInt32());
        Assert.False(reader.AtEnd);
        Assert.Equal(0, reader.Byte());
        Assert.False(reader.AtEnd);
    }
}
