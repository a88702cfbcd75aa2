using Sotto.Mls.Extensions;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Mls.KeyPackages;

/// <summary>
/// What a client publishes so that others can add it to a group while it is away (RFC 9420 §10). Immutable. One that
/// was read from the wire is not valid by that: see <see cref="VerifiedKeyPackage"/>.
/// </summary>
public sealed class KeyPackage : IEquatable<KeyPackage>
{
    private readonly int _signedLength;

    private KeyPackage(KeyPackageContent content, ReadOnlyMemory<byte> signature, ReadOnlyMemory<byte> encoded, int signedLength)
    {
        Content = content;
        Signature = signature;
        Encoded = encoded;
        _signedLength = signedLength;
    }

    /// <summary>The protocol version; 1 is MLS 1.0.</summary>
    public ushort Version => Content.Version;

    /// <summary>The suite that it is for.</summary>
    public CipherSuiteId CipherSuite => Content.CipherSuite;

    /// <summary>The key that a Welcome is encrypted to.</summary>
    public ReadOnlyMemory<byte> InitKey => Content.InitKey;

    /// <summary>The leaf that would be put into the tree.</summary>
    public LeafNode LeafNode => Content.LeafNode;

    /// <summary>Extensions of the KeyPackage.</summary>
    public ExtensionList Extensions => Content.Extensions;

    /// <summary>The client's signature over all of it.</summary>
    public ReadOnlyMemory<byte> Signature { get; }

    /// <summary>The structure as on the wire, without the MLSMessage around it.</summary>
    public ReadOnlyMemory<byte> Encoded { get; }

    /// <summary>Whether the client marked it as one of last resort, which may be used more than once (draft-ietf-mls-extensions).</summary>
    /// <exception cref="MlsException">The app data dictionary does not parse.</exception>
    public bool IsLastResort =>
        AppDataDictionary.From(Extensions)?.Components.ContainsKey(AppDataDictionary.LastResortKeyPackage) == true;

    internal KeyPackageContent Content { get; }

    /// <summary>Reads a KeyPackage without an MLSMessage around it.</summary>
    /// <exception cref="MlsException">The bytes are not one, or more than <see cref="MlsLimits.KeyPackageLength"/> by default.</exception>
    public static KeyPackage Decode(ReadOnlySpan<byte> encoded)
    {
        Check.That(encoded.Length <= MlsLimits.Default.KeyPackageLength, MlsRule.MessageLength);
        var reader = new TlsReader(encoded.ToArray());
        var keyPackage = Read(ref reader);
        reader.End();
        return keyPackage;
    }

    /// <summary>KeyPackageRef (§5.2): how a Welcome names it.</summary>
    internal byte[] Reference(SuiteCrypto crypto) => crypto.RefHash("MLS 1.0 KeyPackage Reference"u8, Encoded.Span);

    internal static KeyPackage Read(ref TlsReader reader)
    {
        var start = reader.Position;
        var content = KeyPackageContent.Read(ref reader);
        var signedLength = reader.Position - start;
        var signature = reader.ReadVector();
        return new KeyPackage(content, signature, reader.Since(start), signedLength);
    }

    internal void Write(TlsWriter writer) => writer.WriteFixed(Encoded.Span);

    internal static KeyPackage Sign(KeyPackageContent content, SigningKey key)
    {
        var writer = new TlsWriter(content.LeafNode.Encoded.Length + content.InitKey.Length + 256);
        content.Write(writer);
        var signedLength = writer.Length;
        var signature = SuiteCrypto.SignWithLabel(key, "KeyPackageTBS"u8, writer.Written);
        writer.WriteVector(signature);
        return new KeyPackage(content, signature, writer.ToArray(), signedLength);
    }

    internal bool IsSigned(SuiteCrypto crypto) => crypto.VerifyWithLabel(
        LeafNode.SignatureKey.Span, "KeyPackageTBS"u8, Encoded.Span[.._signedLength], Signature.Span);

    /// <summary>Whether both are the same bytes.</summary>
    public bool Equals(KeyPackage? other) => other is not null && Encoded.SameAs(other.Encoded);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as KeyPackage);

    /// <inheritdoc/>
    public override int GetHashCode() => Encoded.ContentHash();
}

/// <summary>The fields of a KeyPackage above its signature (RFC 9420 §10).</summary>
internal sealed record KeyPackageContent(
    ushort Version, CipherSuiteId CipherSuite, ReadOnlyMemory<byte> InitKey, LeafNode LeafNode, ExtensionList Extensions)
{
    public static KeyPackageContent Read(ref TlsReader reader) => new(
        reader.ReadUInt16(), new CipherSuiteId(reader.ReadUInt16()), reader.ReadVector(),
        LeafNode.Read(ref reader), ExtensionList.Read(ref reader));

    public void Write(TlsWriter writer)
    {
        writer.WriteUInt16(Version);
        writer.WriteUInt16(CipherSuite.Value);
        writer.WriteVector(InitKey);
        LeafNode.Write(writer);
        Extensions.Write(writer);
    }
}
