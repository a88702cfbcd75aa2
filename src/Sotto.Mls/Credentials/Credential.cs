namespace Sotto.Mls.Credentials;

/// <summary>Credential types of RFC 9420 §17.5.</summary>
public static class CredentialTypes
{
    /// <summary>An identity that the application gives meaning to.</summary>
    public const ushort Basic = 1;

    /// <summary>A chain of X.509 certificates.</summary>
    public const ushort X509 = 2;
}

/// <summary>
/// What binds a member's identity to its signature key (RFC 9420 §5.3). The library gives it no meaning: the
/// application's <see cref="IAuthenticationService"/> does.
/// </summary>
public abstract class Credential : IEquatable<Credential>
{
    private protected Credential(ushort type, ReadOnlyMemory<byte> encoded)
    {
        Type = type;
        Encoded = encoded;
    }

    /// <summary>The credential type; one of <see cref="CredentialTypes"/> or another number.</summary>
    public ushort Type { get; }

    /// <summary>The whole structure as on the wire.</summary>
    public ReadOnlyMemory<byte> Encoded { get; }

    /// <summary>A <c>basic</c> credential.</summary>
    public static BasicCredential Basic(ReadOnlySpan<byte> identity)
    {
        var writer = new TlsWriter(identity.Length + 8);
        writer.WriteUInt16(CredentialTypes.Basic);
        writer.WriteVector(identity);
        var reader = new TlsReader(writer.ToArray());
        return (BasicCredential)Read(ref reader);
    }

    /// <summary>Whether both hold the same bytes.</summary>
    public bool Equals(Credential? other) => other is not null && Encoded.SameAs(other.Encoded);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Credential);

    /// <inheritdoc/>
    public override int GetHashCode() => Encoded.ContentHash();

    internal static Credential Read(ref TlsReader reader)
    {
        var start = reader.Position;
        var type = reader.ReadUInt16();
        switch (type)
        {
            case CredentialTypes.Basic:
                var identity = reader.ReadVector();
                return new BasicCredential(identity, reader.Since(start));
            case CredentialTypes.X509:
                var chain = ReadCertificates(reader.ReadVectorReader());
                return new X509Credential(chain, reader.Since(start));
            default:
                // Every credential type since RFC 9420 is one vector, or the structure could not be skipped.
                var content = reader.ReadVector();
                return new UnknownCredential(type, content, reader.Since(start));
        }
    }

    internal void Write(TlsWriter writer) => writer.WriteFixed(Encoded.Span);

    private static List<ReadOnlyMemory<byte>> ReadCertificates(TlsReader reader)
    {
        var chain = new List<ReadOnlyMemory<byte>>();
        while (!reader.IsAtEnd)
        {
            Check.That(chain.Count < X509Credential.Most, MlsRule.CertificateCount);
            chain.Add(reader.ReadVector());
        }

        return chain;
    }
}

/// <summary>A bare identity (RFC 9420 §5.3).</summary>
public sealed class BasicCredential : Credential
{
    internal BasicCredential(ReadOnlyMemory<byte> identity, ReadOnlyMemory<byte> encoded)
        : base(CredentialTypes.Basic, encoded) => Identity = identity;

    /// <summary>The identity's bytes.</summary>
    public ReadOnlyMemory<byte> Identity { get; }
}

/// <summary>A certificate chain, the end entity's first (RFC 9420 §5.3). Checking it is the application's.</summary>
public sealed class X509Credential : Credential
{
    internal X509Credential(IReadOnlyList<ReadOnlyMemory<byte>> certificates, ReadOnlyMemory<byte> encoded)
        : base(CredentialTypes.X509, encoded) => Certificates = certificates;

    /// <summary>How many certificates a chain may have.</summary>
    public const int Most = 32;

    /// <summary>The certificates in DER.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Certificates { get; }
}

/// <summary>A credential of a type that this library does not know.</summary>
public sealed class UnknownCredential : Credential
{
    internal UnknownCredential(ushort type, ReadOnlyMemory<byte> content, ReadOnlyMemory<byte> encoded)
        : base(type, encoded) => Content = content;

    /// <summary>What follows the type, which must be one vector.</summary>
    public ReadOnlyMemory<byte> Content { get; }
}
