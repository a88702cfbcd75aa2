using System.Numerics;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Ratchets;
using Sotto.Mls.Schedule;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Mls.State;

/// <summary>Builds a group from its stored records. What it keeps is copied, so that the records may be wiped.</summary>
internal sealed class GroupLoader(MlsClientOptions options, Func<CipherSuiteId, SuiteCrypto> suites)
{
    private const int MostLeaves = 1 << 22;

    private readonly Dictionary<StateKey, StateRecord> _records = [];
    private readonly List<IDisposable> _secrets = [];

    public GroupMemory Load(IEnumerable<StateRecord> records)
    {
        try
        {
            return Read(records);
        }
        catch
        {
            _secrets.ForEach(secret => secret.Dispose());
            throw;
        }
    }

    /// <summary>What a pending commit that was stored does: the group's records with its change, loaded as the next epoch.</summary>
    public static CommitOutcome RebuildOutcome(MlsClientOptions options, GroupMemory memory, PendingCommit pending)
    {
        using var change = StateChange.Decode(pending.Change);
        using var all = new StateChange(GroupChanges.All(memory), []);
        var records = all.Saved.ToDictionary(record => record.Key);
        foreach (var key in change.Deleted)
            records.Remove(key);
        foreach (var record in change.Saved)
            records[record.Key] = record;

        using var loaded = new GroupLoader(options, _ => memory.Epoch.Crypto).Load(records.Values);
        var content = GroupEncoding.ReadContent(pending.Content).Content;
        var commit = ((CommitBody)content.Body).Commit;
        var list = memory.Queue.Resolve(commit, content.Sender);
        var next = loaded.TakeEpoch();
        var view = new CommitView(
            memory.Epoch, next, content.Sender, next.Own, list.All, commit.Path is not null, content.AuthenticatedData);
        return new CommitOutcome(view, list, next);
    }

    private GroupMemory Read(IEnumerable<StateRecord> records)
    {
        foreach (var record in records)
            _records[record.Key] = record;
        if (!_records.TryGetValue(GroupEncoding.GroupKey, out var group))
            throw new MlsException(MlsRule.StoredFormat);

        var memory = ReadGroup(group);
        ReadProposals(memory);
        ReadResumption(memory);
        ReadPastEpochs(memory);
        if (_records.TryGetValue(GroupEncoding.PendingCommitKey, out var pending))
            memory.Pending = GroupEncoding.ReadPendingCommit(GroupEncoding.Open(pending));
        return memory;
    }

    private GroupMemory ReadGroup(StateRecord record)
    {
        var reader = GroupEncoding.Open(record);
        var crypto = suites(new CipherSuiteId(reader.ReadUInt16()));
        var status = (GroupStatus)reader.ReadByte();
        if (!Enum.IsDefined(status))
            throw new MlsException(MlsRule.StoredFormat);
        var own = new LeafIndex(reader.ReadUInt32());
        var width = ReadWidth(ref reader);
        var contextReader = new TlsReader(reader.ReadVector().ToArray());
        var context = GroupContext.Read(ref contextReader);
        var confirmationTag = reader.ReadVector().ToArray();
        var secrets = ReadSecrets(ref reader);

        var tree = ReadTree(width);
        if (!context.TreeHash.Span.SequenceEqual(tree.RootHash(crypto)))
            throw new MlsException(MlsRule.StoredFormat);
        var keys = new List<KeyValuePair<int, NodeKey>>();
        for (var list = reader.ReadVectorReader(); !list.IsAtEnd;)
        {
            var node = list.ReadUInt32();
            if (node >= TreeMath.NodeCount(width) || tree[(int)node] is not { } ofKey)
                throw new MlsException(MlsRule.StoredFormat);
            keys.Add(new((int)node, new NodeKey(ReadSecret(ref list), ofKey.EncryptionKey)));
        }

        var reInit = ReadReInit(new TlsReader(reader.ReadRest().ToArray()));
        var ownLeaf = tree.Leaf(own) ?? throw new MlsException(MlsRule.StoredFormat);
        var epoch = new EpochState
        {
            Crypto = crypto,
            Context = context,
            Tree = tree,
            Own = own,
            PrivateKeys = TreePrivateKeys.Of(keys),
            Secrets = secrets,
            SecretTree = ReadSecretTree(crypto, context.Epoch, width),
            ConfirmationTag = confirmationTag,
            InterimTranscriptHash = Transcript.Interim(crypto, context.ConfirmedTranscriptHash.Span, confirmationTag),
            SigningKey = options.SignatureKeys(ownLeaf.SignatureKey)
                ?? throw new InvalidOperationException("The application does not give the group's signature key."),
        };
        return new GroupMemory(epoch) { Status = status, ReInit = reInit };
    }

    /// <summary>How many leaves a tree has place for: a power of two, and no more than could ever be.</summary>
    private static int ReadWidth(ref TlsReader reader)
    {
        var width = reader.ReadUInt32();
        if (!BitOperations.IsPow2(width) || width > MostLeaves)
            throw new MlsException(MlsRule.StoredFormat);
        return (int)width;
    }

    private static ReInitProposal? ReadReInit(TlsReader reader)
    {
        var reInit = reader.ReadOptional() ? ReInitProposal.ReadBody(ref reader) : null;
        reader.End();
        return reInit;
    }

    private EpochSecrets ReadSecrets(ref TlsReader reader) => new()
    {
        Init = ReadSecret(ref reader),
        SenderData = ReadSecret(ref reader),
        Exporter = ReadSecret(ref reader),
        External = ReadSecret(ref reader),
        Confirmation = ReadSecret(ref reader),
        Membership = ReadSecret(ref reader),
        Resumption = ReadSecret(ref reader),
        Authenticator = reader.ReadVector().ToArray(),
    };

    private RatchetTree ReadTree(int width)
    {
        var nodes = new TreeNode?[TreeMath.NodeCount(width)];
        for (var node = 0; node < nodes.Length; node++)
        {
            if (_records.TryGetValue(GroupEncoding.NodeKey(node), out var record))
                nodes[node] = ReadNode(record, TreeMath.IsLeaf(node));
        }

        return RatchetTree.Of(nodes, new byte[]?[nodes.Length]);
    }

    private static TreeNode? ReadNode(StateRecord record, bool isLeaf)
    {
        var reader = new TlsReader(GroupEncoding.Open(record).ReadRest().ToArray());
        var node = RatchetTree.ReadNode(ref reader, isLeaf);
        reader.End();
        return node;
    }

    private SecretTree ReadSecretTree(SuiteCrypto crypto, Epoch epoch, int width)
    {
        var tree = new SecretTree(crypto, width);
        foreach (var record in OfEpoch(StateKind.SecretNode, epoch))
        {
            var reader = GroupEncoding.Open(record);
            tree.Restore((int)record.Key.Index, ReadSecret(ref reader));
        }

        foreach (var record in OfEpoch(StateKind.Ratchet, epoch))
        {
            var reader = GroupEncoding.Open(record);
            tree.Restore(new LeafIndex(record.Key.Index), Kept(SenderRatchets.Read(crypto, ref reader)));
        }

        return tree;
    }

    private void ReadProposals(GroupMemory memory)
    {
        foreach (var record in OfEpoch(StateKind.Proposal, memory.Epoch.Context.Epoch).OrderBy(record => record.Key.Index))
            memory.Queue.Add(Kept(GroupEncoding.ReadProposal(memory.Epoch.Crypto, GroupEncoding.Open(record))));
    }

    private void ReadResumption(GroupMemory memory)
    {
        foreach (var record in _records.Values.Where(record => record.Key.Kind == StateKind.ResumptionPsk))
        {
            var reader = GroupEncoding.Open(record);
            memory.Resumption.Add(record.Key.Epoch, ReadSecret(ref reader));
        }
    }

    /// <summary>Past epochs, the newest first: each has the leaves of the one after it but for those that are stored apart.</summary>
    private void ReadPastEpochs(GroupMemory memory)
    {
        var after = memory.Epoch.Tree;
        foreach (var record in _records.Values.Where(record => record.Key.Kind == StateKind.PastEpoch).OrderByDescending(record => record.Key.Epoch))
        {
            var reader = GroupEncoding.Open(record);
            var width = ReadWidth(ref reader);
            var contextReader = new TlsReader(reader.ReadVector().ToArray());
            var context = GroupContext.Read(ref contextReader);
            var senderData = ReadSecret(ref reader);
            reader.End();

            var tree = PastTree(after, width, context.Epoch);
            memory.Past.Insert(0, new PastEpoch(context, tree, senderData, ReadSecretTree(memory.Epoch.Crypto, context.Epoch, width)));
            after = tree;
        }
    }

    private RatchetTree PastTree(RatchetTree after, int width, Epoch epoch)
    {
        var nodes = new TreeNode?[TreeMath.NodeCount(width)];
        for (var node = 0; node < nodes.Length; node += 2)
            nodes[node] = after.Leaf(LeafIndex.OfNode(node));
        foreach (var record in OfEpoch(StateKind.PastLeaf, epoch))
            nodes[new LeafIndex(record.Key.Index).Node] = ReadNode(record, isLeaf: true);
        return RatchetTree.Of(nodes, new byte[]?[nodes.Length]);
    }

    private Secret ReadSecret(ref TlsReader reader) => Kept(Secret.CopyOf(reader.ReadVector().Span));

    /// <summary>Remembers what was read, to wipe it when the rest cannot be read.</summary>
    private T Kept<T>(T secret)
        where T : IDisposable
    {
        _secrets.Add(secret);
        return secret;
    }

    private IEnumerable<StateRecord> OfEpoch(StateKind kind, Epoch epoch) =>
        _records.Values.Where(record => record.Key.Kind == kind && record.Key.Epoch == epoch.Value);
}
