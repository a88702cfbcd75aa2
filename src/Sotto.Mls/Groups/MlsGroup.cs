using Sotto.Mls.Proposals;
using Sotto.Mls.State;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Groups;

/// <summary>
/// A group as one of its members sees it (RFC 9420). Every operation is prepared first and changes nothing; what it would
/// change is stored by the application and then merged. After any refusal the group is as it was.
/// </summary>
/// <remarks>
/// Not for use by several threads at once. The owner disposes it, which wipes its secrets from memory and leaves storage
/// as it is. Created, joined and loaded by <see cref="MlsClient"/>.
/// </remarks>
public sealed partial class MlsGroup : IGroupView, IDisposable
{
    private readonly MlsClientOptions _options;
    private readonly GroupMemory _memory;
    private bool _disposed;

    internal MlsGroup(MlsClientOptions options, GroupMemory memory)
    {
        _options = options;
        _memory = memory;
    }

    /// <summary>The group context of the current epoch.</summary>
    public GroupContext Context => Current.Context;

    /// <summary>The group's identifier.</summary>
    public GroupId GroupId => Context.GroupId;

    /// <summary>The current epoch.</summary>
    public Epoch Epoch => Context.Epoch;

    /// <summary>What can be done with the group.</summary>
    public GroupStatus Status => _memory.Status;

    /// <summary>The own place in the tree.</summary>
    public LeafIndex OwnIndex => Current.Own;

    /// <summary>The own leaf.</summary>
    public LeafNode OwnLeaf => Current.OwnLeaf;

    /// <summary>How many members there are.</summary>
    public int MemberCount => Current.Tree.MemberCount;

    /// <inheritdoc/>
    public IEnumerable<Member> Members => Current.Members;

    /// <summary>Bytes that are equal for all members that agree on the epoch (RFC 9420 §8.7).</summary>
    public ReadOnlyMemory<byte> EpochAuthenticator => Current.Secrets.Authenticator;

    /// <summary>The confirmation tag of the commit that began the epoch.</summary>
    public ReadOnlyMemory<byte> ConfirmationTag => Current.ConfirmationTag;

    /// <summary>Proposals that wait for a commit, the oldest first.</summary>
    public IReadOnlyList<SentProposal> WaitingProposals => [.. _memory.Queue.Waiting.Select(waiting => waiting.Sent)];

    /// <summary>Whether an own commit was handed out and is neither accepted nor lost.</summary>
    public bool HasPendingCommit => _memory.Pending is not null;

    /// <summary>How the group was ended for another one (RFC 9420 §11.2); null as long as it was not.</summary>
    public ReInitProposal? ReInit => _memory.ReInit;

    /// <summary>Counts merged operations, so that one that was prepared before another is not merged after it.</summary>
    internal long Version { get; set; }

    internal GroupMemory Memory => _memory;

    internal bool IsDisposed => _disposed;

    internal EpochState Current
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _memory.Epoch;
        }
    }

    /// <inheritdoc/>
    public LeafNode? Find(LeafIndex leaf) => Current.Find(leaf);

    /// <summary>A secret for use outside of MLS, equal for all members in this epoch (RFC 9420 §8.5).</summary>
    /// <param name="label">What it is for.</param>
    /// <param name="context">What it is bound to.</param>
    /// <param name="length">In bytes.</param>
    /// <returns>A secret that the caller disposes.</returns>
    /// <exception cref="InvalidOperationException">This client was removed from the group.</exception>
    public Secret Export(ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, int length)
    {
        RequireSecrets();
        return Current.Secrets.Export(Current.Crypto, label, context, length);
    }

    /// <summary>The resumption PSK of this or a kept past epoch (RFC 9420 §8.6); null when it is not kept.</summary>
    /// <returns>A secret that the caller disposes.</returns>
    /// <exception cref="InvalidOperationException">This client was removed from the group.</exception>
    public Secret? FindResumptionPsk(Epoch epoch)
    {
        RequireSecrets();
        return _memory.FindResumption(epoch);
    }

    /// <summary>The public tree, as a <c>ratchet_tree</c> extension has it (RFC 9420 §12.4.3.3).</summary>
    public byte[] EncodeTree() => Current.Tree.Encode();

    /// <summary>
    /// A signed GroupInfo of this epoch, with which others can join by an external commit (RFC 9420 §12.4.3.2) when it has
    /// the external key.
    /// </summary>
    /// <exception cref="InvalidOperationException">This client was removed from the group.</exception>
    public GroupInfo MakeGroupInfo(bool withTree = true, bool withExternalPub = true)
    {
        RequireSecrets();
        return GroupInfoMaker.Make(
            Current.Crypto, _options.SendGrease, Context, Current.ConfirmationTag, Current.Own, Current.SigningKey, Extensions.ExtensionList.Empty,
            withTree ? Current.Tree : null, withExternalPub ? ExternalPublicKey() : null);
    }

    /// <summary>
    /// Every record of the group, as the changes so far have stored them; none once this client was removed. The caller
    /// wipes it by disposing.
    /// </summary>
    public StateChange ExportState() => new(Status == GroupStatus.Removed ? [] : GroupChanges.All(_memory), []);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _memory.Dispose();
    }

    private byte[] ExternalPublicKey()
    {
        using var privateKey = Current.Secrets.ExternalPrivateKey(Current.Crypto);
        return Current.Crypto.Hpke.PublicKey(privateKey.Bytes);
    }

    private PskFinder FindPsks(MlsGroup? linked = null) => new(_options, resumption =>
        resumption.Group == GroupId ? _memory.FindResumption(resumption.Epoch)
        : resumption.Group == linked?.GroupId ? linked.FindResumptionPsk(resumption.Epoch)
        : null);

    private void RequireOwn(LeafChange change)
    {
        _options.RequireOwn(Current.Crypto.Suite, change.SigningKey, change.Credential);
        _options.RequireSupported(change.Extensions ?? Extensions.ExtensionList.Empty);
    }

    private void RequireSecrets()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_memory.Status == GroupStatus.Removed)
            throw new InvalidOperationException("This client was removed from the group: its secrets are gone.");
    }

    private void RequireActive()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_memory.Status != GroupStatus.Active)
            throw new InvalidOperationException("The group has ended for this client: nothing can be sent in it.");
    }
}
