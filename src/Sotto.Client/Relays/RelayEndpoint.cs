using Sotto.Wire;

namespace Sotto.Client.Relays;

/// <summary>A relay and where it may be reached. Whoever answers there must prove the fingerprint.</summary>
/// <param name="Urls">Scheme, host and port of each address.</param>
/// <param name="Fingerprint">The relay's.</param>
public sealed record RelayEndpoint(IReadOnlyList<string> Urls, Bytes16 Fingerprint);
