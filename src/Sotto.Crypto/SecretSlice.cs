namespace Sotto.Crypto;

/// <summary>A place in a slab that one secret at a time occupies.</summary>
/// <param name="Slab">Where it lies.</param>
/// <param name="Offset">Where it starts.</param>
/// <param name="Capacity">How many bytes it holds at most.</param>
/// <param name="Home">The free list it returns to, or null when the slab is its own.</param>
internal sealed record SecretSlice(SecretSlab Slab, int Offset, int Capacity, Stack<SecretSlice>? Home)
{
    public Span<byte> Bytes(int length) => Slab.Slice(Offset, length);
}
