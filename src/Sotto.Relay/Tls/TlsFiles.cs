namespace Sotto.Relay.Tls;

/// <summary>An operator's own certificate, read again when the files change.</summary>
/// <param name="Certificate">Path of the certificate, PEM.</param>
/// <param name="Key">Path of its private key, PEM without a passphrase.</param>
public sealed record TlsFiles(string Certificate, string Key);
