using Sotto.Mls.Schedule;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Groups;

/// <summary>What the new members of a commit need to join (RFC 9420 §12.4.3.1).</summary>
public sealed class Welcome
{
    internal Welcome(CipherSuiteId cipherSuite, IReadOnlyList<EncryptedGroupSecrets> secrets, ReadOnlyMemory<byte> encryptedGroupInfo)
    {
        CipherSuite = cipherSuite;
        Secrets = secrets;
        EncryptedGroupInfo = encryptedGroupInfo;
    }

    /// <summary>The group's suite.</summary>
    public CipherSuiteId CipherSuite { get; }

    /// <summary>One for each new member.</summary>
    public IReadOnlyList<EncryptedGroupSecrets> Secrets { get; }

    /// <summary>The GroupInfo, the same for all new members.</summary>
    public ReadOnlyMemory<byte> EncryptedGroupInfo { get; }

    /// <summary>
    /// This Welcome for some of its members only, for delivery to each apart: the encrypted GroupInfo is the same, so
    /// that it may travel once (§12.4.3.1).
    /// </summary>
    public Welcome For(IEnumerable<EncryptedGroupSecrets> secrets) => new(CipherSuite, [.. secrets], EncryptedGroupInfo);

    internal static Welcome Read(ref TlsReader reader)
    {
        var suite = new CipherSuiteId(reader.ReadUInt16());
        var list = reader.ReadVectorReader();
        var secrets = new List<EncryptedGroupSecrets>();
        while (!list.IsAtEnd)
            secrets.Add(new EncryptedGroupSecrets(list.ReadVector(), list.ReadHpkeCiphertext()));
        return new Welcome(suite, secrets, reader.ReadVector());
    }

    internal void Write(TlsWriter writer)
    {
        writer.WriteUInt16(CipherSuite.Value);
        writer.WriteList(Secrets, (to, secrets) =>
        {
            to.WriteVector(secrets.NewMember);
            to.WriteHpkeCiphertext(secrets.Encrypted);
        });
        writer.WriteVector(EncryptedGroupInfo);
    }
}

/// <summary>The secrets for one new member, encrypted to its init key (RFC 9420 §12.4.3.1).</summary>
/// <param name="NewMember">The reference of the KeyPackage that was added.</param>
/// <param name="Encrypted">Opens with the KeyPackage's init key.</param>
public sealed record EncryptedGroupSecrets(ReadOnlyMemory<byte> NewMember, HpkeCiphertext Encrypted);

/// <summary>What a new member gets from the committer (RFC 9420 §12.4.3.1). The owner disposes it.</summary>
internal sealed record GroupSecrets(Secret JoinerSecret, Secret? PathSecret, IReadOnlyList<PreSharedKeyId> Psks) : IDisposable
{
    public static GroupSecrets Read(ReadOnlySpan<byte> encoded)
    {
        var copy = encoded.ToArray();
        try
        {
            return Read(copy);
        }
        finally
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(copy);
        }
    }

    public TlsWriter Write()
    {
        var writer = new TlsWriter(1024);
        writer.WriteVector(JoinerSecret.Bytes);
        if (writer.WriteOptional(PathSecret is not null))
            writer.WriteVector(PathSecret!.Bytes);
        writer.WriteList(Psks, (to, psk) => psk.Write(to));
        return writer;
    }

    public void Dispose()
    {
        JoinerSecret.Dispose();
        PathSecret?.Dispose();
    }

    private static GroupSecrets Read(byte[] encoded)
    {
        var reader = new TlsReader(encoded);
        var joinerSecret = reader.ReadVector();
        ReadOnlyMemory<byte>? pathSecret = reader.ReadOptional() ? reader.ReadVector() : default(ReadOnlyMemory<byte>?);
        var list = reader.ReadVectorReader();
        reader.End();

        // What is kept of the identifiers must outlive the buffer, which is wiped.
        var psks = new List<PreSharedKeyId>();
        if (!list.IsAtEnd)
        {
            var identifiers = new TlsReader(list.ReadRest().ToArray());
            while (!identifiers.IsAtEnd)
            {
                Check.That(psks.Count < Commit.MostProposals, MlsRule.ProposalCount);
                psks.Add(PreSharedKeyId.Read(ref identifiers));
            }
        }

        return new GroupSecrets(
            Secret.CopyOf(joinerSecret.Span), pathSecret is { } path ? Secret.CopyOf(path.Span) : null, psks);
    }
}
