using System.Buffers.Binary;
using System.Security.Cryptography;
using Sotto.Crypto.Native;

namespace Sotto.Crypto.Tests;

internal static class Providers
{
    public static NativeCryptoProvider Native { get; } = new();

    /// <summary>A provider whose random bytes repeat: SHA-256 of the seed and a counter.</summary>
    public static NativeCryptoProvider Seeded(int seed)
    {
        var counter = 0;
        return new NativeCryptoProvider(destination =>
        {
            Span<byte> input = stackalloc byte[8];
            Span<byte> block = stackalloc byte[32];
            BinaryPrimitives.WriteInt32LittleEndian(input, seed);
            while (!destination.IsEmpty)
            {
                BinaryPrimitives.WriteInt32LittleEndian(input[4..], counter++);
                SHA256.HashData(input, block);
                var taken = Math.Min(block.Length, destination.Length);
                block[..taken].CopyTo(destination);
                destination = destination[taken..];
            }
        });
    }

    /// <summary>A provider whose next random bytes are given, and which fails when it is asked for others.</summary>
    public static NativeCryptoProvider Giving(byte[] bytes)
    {
        var used = false;
        return new NativeCryptoProvider(destination =>
        {
            Assert.False(used);
            Assert.Equal(bytes.Length, destination.Length);
            bytes.CopyTo(destination);
            used = true;
        });
    }
}
