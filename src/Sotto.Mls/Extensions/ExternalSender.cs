using Sotto.Mls.Credentials;

namespace Sotto.Mls.Extensions;

/// <summary>Somebody outside who may send proposals to the group (RFC 9420 §12.1.8.1).</summary>
/// <param name="SignatureKey">The key that its proposals are signed with.</param>
/// <param name="Credential">Who it is.</param>
public sealed record ExternalSender(ReadOnlyMemory<byte> SignatureKey, Credential Credential)
{
    /// <summary>How many external senders a group may have.</summary>
    public const int Most = 64;

    /// <summary>The group context extension that lists external senders; an external sender's index is its place here.</summary>
    /// <exception cref="ArgumentException">There are more than <see cref="Most"/>.</exception>
    public static Extension ToExtension(IEnumerable<ExternalSender> senders)
    {
        ExternalSender[] listed = [.. senders];
        if (listed.Length > Most)
            throw new ArgumentException($"There are more than {Most} external senders.", nameof(senders));
        return new Extension(ExtensionTypes.ExternalSenders, TlsWriter.Encode(writer => writer.WriteList(listed, (to, sender) =>
        {
            to.WriteVector(sender.SignatureKey);
            sender.Credential.Write(to);
        })));
    }

    /// <summary>The external senders of a group context, none when there is no extension.</summary>
    /// <exception cref="MlsException">The extension does not parse.</exception>
    public static IReadOnlyList<ExternalSender> From(ExtensionList extensions)
    {
        ArgumentNullException.ThrowIfNull(extensions);
        if (extensions.Find(ExtensionTypes.ExternalSenders) is not { } data)
            return [];

        var reader = new TlsReader(data);
        var list = reader.ReadVectorReader();
        reader.End();
        var senders = new List<ExternalSender>();
        while (!list.IsAtEnd)
        {
            Check.That(senders.Count < Most, MlsRule.ExternalSenderCount);
            senders.Add(new ExternalSender(list.ReadVector(), Credential.Read(ref list)));
        }

        return senders;
    }

    /// <summary>Whether key and credential are the same.</summary>
    public bool Equals(ExternalSender? other) =>
        other is not null && SignatureKey.SameAs(other.SignatureKey) && Credential.Equals(other.Credential);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(SignatureKey.ContentHash(), Credential);
}
