using System.Security.Cryptography;
using Sotto.Crypto;
using Sotto.Crypto.Native;
using Sotto.Direct.Identities;

namespace Sotto.Attack.Tests;

/// <summary>Seeded randomness, so that a failing run can be run again.</summary>
internal static class Seeded
{
    public static ICryptoProvider Crypto(int seed)
    {
        var counter = 0L;
        var gate = new Lock();
        return new NativeCryptoProvider(destination =>
        {
            lock (gate)
            {
                for (var rest = destination; rest.Length > 0; rest = rest[Math.Min(32, rest.Length)..])
                    SHA256.HashData(BitConverter.GetBytes(((long)seed << 32) + counter++)).AsSpan(0, Math.Min(32, rest.Length)).CopyTo(rest);
            }
        });
    }

    public static Identity Person(ICryptoProvider crypto, string name) => Identity.Generate(crypto, name);
}
