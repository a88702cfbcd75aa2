using Sotto.Crypto;
using Sotto.Crypto.Native;

namespace Sotto.Direct.Tests.Tokens;

/// <summary>The provider that these tests run on.</summary>
internal static class TestCrypto
{
    public static ICryptoProvider Provider { get; } = new NativeCryptoProvider();
}
