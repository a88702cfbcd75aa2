using System.Collections;

namespace Sotto.Mls.Extensions;

/// <summary>The <c>extensions</c> field of a structure: at most one of each type, in the order of the wire (RFC 9420 §13.4).</summary>
public sealed class ExtensionList : IReadOnlyList<Extension>, IEquatable<ExtensionList>
{
    /// <summary>No extensions.</summary>
    public static ExtensionList Empty { get; } = new([]);

    /// <summary>How many extensions one structure may have.</summary>
    public const int Most = 64;

    private readonly Extension[] _extensions;

    /// <summary>The given extensions in the given order.</summary>
    /// <exception cref="ArgumentException">Two have the same type, or there are more than <see cref="Most"/>.</exception>
    public ExtensionList(IEnumerable<Extension> extensions)
    {
        _extensions = [.. extensions];
        if (_extensions.Length > Most)
            throw new ArgumentException($"There are more than {Most} extensions.", nameof(extensions));
        if (HasDuplicate(_extensions))
            throw new ArgumentException("Two extensions have the same type.", nameof(extensions));
    }

    private ExtensionList(List<Extension> read) => _extensions = [.. read];

    /// <inheritdoc/>
    public int Count => _extensions.Length;

    /// <inheritdoc/>
    public Extension this[int index] => _extensions[index];

    /// <summary>The data of the extension of one type; null when there is none.</summary>
    public ReadOnlyMemory<byte>? Find(ushort type)
    {
        foreach (var extension in _extensions)
        {
            if (extension.Type == type)
                return extension.Data;
        }

        return null;
    }

    /// <summary>This list with one extension in place of the one of its type, or at the end.</summary>
    public ExtensionList With(Extension extension)
    {
        var index = Array.FindIndex(_extensions, other => other.Type == extension.Type);
        Extension[] changed = index < 0 ? [.. _extensions, extension] : [.. _extensions];
        if (index >= 0)
            changed[index] = extension;
        return new ExtensionList(changed.AsEnumerable());
    }

    /// <summary>Whether both hold the same extensions in the same order.</summary>
    public bool Equals(ExtensionList? other) => other is not null && _extensions.AsSpan().SequenceEqual(other._extensions);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ExtensionList);

    /// <inheritdoc/>
    public override int GetHashCode() => _extensions.Length;

    /// <inheritdoc/>
    public IEnumerator<Extension> GetEnumerator() => ((IEnumerable<Extension>)_extensions).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static ExtensionList Read(ref TlsReader reader)
    {
        var list = reader.ReadVectorReader();
        if (list.IsAtEnd)
            return Empty;

        var read = new List<Extension>();
        while (!list.IsAtEnd)
        {
            Check.That(read.Count < Most, MlsRule.ExtensionCount);
            read.Add(new Extension(list.ReadUInt16(), list.ReadVector()));
        }

        var extensions = new ExtensionList(read);
        Check.That(!HasDuplicate(extensions._extensions), MlsRule.DuplicateExtension);
        return extensions;
    }

    internal void Write(TlsWriter writer)
    {
        var start = writer.BeginVector();
        foreach (var extension in _extensions)
        {
            writer.WriteUInt16(extension.Type);
            writer.WriteVector(extension.Data);
        }

        writer.EndVector(start);
    }

    private static bool HasDuplicate(Extension[] extensions)
    {
        for (var i = 0; i < extensions.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (extensions[i].Type == extensions[j].Type)
                    return true;
            }
        }

        return false;
    }
}
