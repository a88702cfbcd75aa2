namespace Sotto.Mls.Extensions;

/// <summary>The group context extension that says what every member must support (RFC 9420 §11.1).</summary>
/// <param name="Extensions">Extension types beyond the default ones.</param>
/// <param name="Proposals">Proposal types beyond the default ones.</param>
/// <param name="Credentials">Credential types.</param>
public sealed record RequiredCapabilities(IReadOnlyList<ushort> Extensions, IReadOnlyList<ushort> Proposals, IReadOnlyList<ushort> Credentials)
{
    /// <summary>The extension that carries this.</summary>
    public Extension ToExtension() => new(ExtensionTypes.RequiredCapabilities, TlsWriter.Encode(writer =>
    {
        Opaque.WriteUInt16List(writer, Extensions);
        Opaque.WriteUInt16List(writer, Proposals);
        Opaque.WriteUInt16List(writer, Credentials);
    }));

    /// <summary>What a group context asks for; null when it asks for nothing.</summary>
    /// <exception cref="MlsException">The extension does not parse.</exception>
    public static RequiredCapabilities? From(ExtensionList extensions)
    {
        ArgumentNullException.ThrowIfNull(extensions);
        if (extensions.Find(ExtensionTypes.RequiredCapabilities) is not { } data)
            return null;
        var reader = new TlsReader(data);
        var required = new RequiredCapabilities(
            Opaque.ReadUInt16List(ref reader), Opaque.ReadUInt16List(ref reader), Opaque.ReadUInt16List(ref reader));
        reader.End();
        return required;
    }
}
