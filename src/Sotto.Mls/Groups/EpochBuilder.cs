using Sotto.Mls.Ratchets;
using Sotto.Mls.Schedule;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Groups;

/// <summary>The key schedule of a commit, as its maker and its receivers run it (RFC 9420 §12.4.1, §12.4.2).</summary>
internal sealed class EpochBuilder : IDisposable
{
    private readonly SuiteCrypto _crypto;
    private readonly EpochSecrets _secrets;
    private readonly Secret _encryption;
    private bool _built;

    private EpochBuilder(SuiteCrypto crypto, GroupContext context, Secret joiner, Secret member)
    {
        _crypto = crypto;
        Context = context;
        JoinerSecret = joiner;
        MemberSecret = member;
        (_secrets, _encryption) = KeySchedule.Epoch(crypto, member, context);
        ConfirmationTag = _secrets.ConfirmationTag(crypto, context.ConfirmedTranscriptHash.Span);
    }

    /// <summary>The new epoch's context.</summary>
    public GroupContext Context { get; }

    /// <summary>What new members get.</summary>
    public Secret JoinerSecret { get; }

    /// <summary>Where the Welcome's key comes from.</summary>
    public Secret MemberSecret { get; }

    public byte[] ConfirmationTag { get; }

    /// <summary>Advances the key schedule into the epoch of a context.</summary>
    public static EpochBuilder Advance(
        SuiteCrypto crypto, GroupContext context, ReadOnlySpan<byte> initSecret, ReadOnlySpan<byte> commitSecret, IReadOnlyList<PreSharedKey> psks)
    {
        var joiner = KeySchedule.JoinerSecret(crypto, initSecret, commitSecret, context);
        using var pskSecret = PskSecret.Compute(crypto, psks);
        return new EpochBuilder(crypto, context, joiner, KeySchedule.MemberSecret(crypto, joiner.Bytes, pskSecret.Bytes));
    }

    /// <summary>Enters an epoch by its joiner secret; both secrets are taken over.</summary>
    public static EpochBuilder Join(SuiteCrypto crypto, GroupContext context, Secret joiner, Secret member) => new(crypto, context, joiner, member);

    /// <summary>The public half of the key for external commits.</summary>
    public byte[] ExternalPublicKey()
    {
        using var privateKey = _secrets.ExternalPrivateKey(_crypto);
        return _crypto.Hpke.PublicKey(privateKey.Bytes);
    }

    /// <summary>The new epoch.</summary>
    public EpochState Build(RatchetTree tree, LeafIndex own, TreePrivateKeys privateKeys, SigningKey signingKey)
    {
        _built = true;
        return new EpochState
        {
            Crypto = _crypto,
            Context = Context,
            Tree = tree,
            Own = own,
            PrivateKeys = privateKeys,
            Secrets = _secrets,
            SecretTree = new SecretTree(_crypto, tree.Width, _encryption),
            ConfirmationTag = ConfirmationTag,
            InterimTranscriptHash = Transcript.Interim(_crypto, Context.ConfirmedTranscriptHash.Span, ConfirmationTag),
            SigningKey = signingKey,
        };
    }

    /// <summary>Wipes what the epoch does not keep, and all of it when no epoch was built.</summary>
    public void Dispose()
    {
        JoinerSecret.Dispose();
        MemberSecret.Dispose();
        if (_built)
            return;
        _secrets.Dispose();
        _encryption.Dispose();
    }
}
