using System.Text.Json;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Tests.Vectors;

public sealed class TreeMathVectorTests
{
    [Fact]
    public void Relations_of_nodes_are_the_published_ones() => MlsVectors.RunAll(MlsVectors.Official, "test-vectors/tree-math", 10, (vector, _) =>
    {
        var width = vector.Int("n_leaves");
        Assert.Equal(vector.Int("n_nodes"), TreeMath.NodeCount(width));
        Assert.Equal(vector.Int("root"), TreeMath.Root(width));
        for (var node = 0; node < TreeMath.NodeCount(width); node++)
        {
            var isLeaf = TreeMath.IsLeaf(node);
            var isRoot = node == TreeMath.Root(width);
            Assert.Equal(At(vector, "left", node), isLeaf ? null : TreeMath.Left(node));
            Assert.Equal(At(vector, "right", node), isLeaf ? null : TreeMath.Right(node));
            Assert.Equal(At(vector, "parent", node), isRoot ? null : TreeMath.Parent(node));
            Assert.Equal(At(vector, "sibling", node), isRoot ? null : TreeMath.Sibling(node));
        }
    });

    [Fact]
    public void Vector_lengths_are_read_as_published() => MlsVectors.RunAll(MlsVectors.Official, "test-vectors/deserialization", 14, (vector, _) =>
    {
        var header = vector.Hex("vlbytes_header");
        var length = vector.Int("length");
        var written = new byte[TlsWriter.LengthSize(length)];
        TlsWriter.PutLength(written, length);
        Assert.Equal(header, written);
        Assert.Equal(length, ReadLength(header, length));
    });

    private static int ReadLength(byte[] header, int length)
    {
        // The reader wants what the length promises to be there.
        var input = new byte[header.Length + length];
        header.CopyTo(input, 0);
        var reader = new TlsReader(input);
        return reader.ReadVector().Length;
    }

    private static int? At(JsonElement vector, string name, int node)
    {
        var value = vector.GetProperty(name)[node];
        return value.ValueKind == JsonValueKind.Null ? null : value.GetInt32();
    }
}
