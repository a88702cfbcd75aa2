using System.Buffers.Binary;
using Sotto.Crypto;
using Sotto.Crypto.Native;

namespace Sotto.Fuzz;

/// <summary>Numbers that repeat by their seed (SplitMix64), for inputs and in place of the operating system's randomness.</summary>
internal sealed class FixedRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A provider whose randomness this is. <see cref="Restart"/> before each input makes runs independent.</summary>
    public ICryptoProvider Provider() => new NativeCryptoProvider(Fill);

    public void Restart(ulong seed) => _state = seed;

    public ulong Next()
    {
        var mixed = _state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>From zero up to and without the limit.</summary>
    public int Below(int limit) => (int)(Next() % (ulong)limit);

    public void Fill(Span<byte> destination)
    {
        Span<byte> word = stackalloc byte[8];
        for (; !destination.IsEmpty; destination = destination[Math.Min(8, destination.Length)..])
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, Next());
            word[..Math.Min(8, destination.Length)].CopyTo(destination);
        }
    }
}
