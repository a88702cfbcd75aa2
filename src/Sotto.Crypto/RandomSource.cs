namespace Sotto.Crypto;

/// <summary>
/// Fills a span with random bytes. The operating system's generator in production; a seeded stream in tests, which
/// makes every value that goes through <see cref="ICryptoProvider.FillRandom"/> repeatable.
/// </summary>
/// <param name="destination">The span to fill completely.</param>
public delegate void RandomSource(Span<byte> destination);
