namespace Sotto.Mls.Extensions;

/// <summary>
/// The container for data of application components, in a group context, leaf, KeyPackage or GroupInfo (revision
/// 589d7f97 of draft-ietf-mls-extensions). What the data mean is the application's.
/// </summary>
public sealed class AppDataDictionary
{
    /// <summary>The component that marks a KeyPackage of last resort; its data are empty.</summary>
    public const ushort LastResortKeyPackage = 4;

    private readonly SortedDictionary<ushort, ReadOnlyMemory<byte>> _components = [];

    /// <summary>A dictionary of the given components.</summary>
    public AppDataDictionary(IEnumerable<KeyValuePair<ushort, ReadOnlyMemory<byte>>> components)
    {
        ArgumentNullException.ThrowIfNull(components);
        foreach (var (component, data) in components)
            _components.Add(component, data);
    }

    /// <summary>The data by component, in rising order.</summary>
    public IReadOnlyDictionary<ushort, ReadOnlyMemory<byte>> Components => _components;

    /// <summary>The dictionary among the extensions; null when there is none.</summary>
    /// <exception cref="MlsException">It does not parse, or its components are not in rising order.</exception>
    public static AppDataDictionary? From(ExtensionList extensions)
    {
        ArgumentNullException.ThrowIfNull(extensions);
        if (extensions.Find(ExtensionTypes.AppDataDictionary) is not { } data)
            return null;

        var reader = new TlsReader(data);
        var list = reader.ReadVectorReader();
        reader.End();
        var components = new List<KeyValuePair<ushort, ReadOnlyMemory<byte>>>();
        while (!list.IsAtEnd)
        {
            var component = list.ReadUInt16();
            Check.That(components.Count == 0 || component > components[^1].Key, MlsRule.AppDataOrder);
            components.Add(new(component, list.ReadVector()));
        }

        return new AppDataDictionary(components);
    }

    /// <summary>The extension that carries this.</summary>
    public Extension ToExtension() => new(
        ExtensionTypes.AppDataDictionary,
        TlsWriter.Encode(writer => writer.WriteList(_components, (to, component) =>
        {
            to.WriteUInt16(component.Key);
            to.WriteVector(component.Value);
        })));
}
