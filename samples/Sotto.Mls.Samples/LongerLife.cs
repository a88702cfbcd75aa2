using System.Text;
using Sotto.Crypto;
using Sotto.Mls;
using Sotto.Mls.Credentials;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;
using Sotto.Mls.State;

namespace Chat;

/// <summary>What an application does with its groups after the first hello.</summary>
/// <param name="client">The library.</param>
/// <param name="store">Stores a change in one transaction, with whatever belongs to it.</param>
public sealed class LongerLife(MlsClient client, Action<StateChange> store)
{
    /// <summary>
    /// After a restart: the group as it was stored last. A key is three numbers (kind, epoch, index) and names a row of this group.
    /// </summary>
    public MlsGroup Load(IReadOnlyDictionary<StateKey, byte[]> stored) =>
        client.Load(stored.Select(record => new StateRecord(record.Key, record.Value)));

    /// <summary>Whatever arrives for a group, in the delivery service's order.</summary>
    public string Receive(MlsGroup group, ReadOnlySpan<byte> arrived)
    {
        ReceivedMessage received;
        try
        {
            received = group.Receive(MlsMessage.Decode(arrived));
        }
        catch (MlsException refused) when (refused.Rule == MlsRule.GenerationUnspent)
        {
            return "opened before, or an own message that came back";
        }
        catch (MlsException refused) when (refused.Rule == MlsRule.CurrentEpoch)
        {
            return "of an epoch that is over, or of one whose commit is still missing";
        }

        using (received)
        {
            store(received.Change);
            received.Merge();
            return received switch
            {
                ReceivedApplication said => Encoding.UTF8.GetString(said.Data.Span),
                ReceivedProposal => "a proposal waits: somebody must commit before data can be sent",
                ReceivedCommit { RemovesOwn: true } => "removed: nothing is stored any more",
                ReceivedCommit { ReInit: not null } => "ended for another group",
                _ => $"epoch {group.Epoch.Value}, {group.MemberCount} members",
            };
        }
    }

    /// <summary>A message padded to full 256 bytes, so that its length says little. Without a policy there is no padding.</summary>
    public byte[] Say(MlsGroup group, string text)
    {
        var padded = new MessageParameters { Padding = length => -length & 255 };
        using var message = group.PrepareMessage(Encoding.UTF8.GetBytes(text), padded);
        store(message.Change);
        message.Merge();
        return message.Message.Encoded.ToArray();
    }

    /// <summary>Removes a member by a commit, which waits for the delivery service.</summary>
    public byte[] Remove(MlsGroup group, Credential who, DateTimeOffset now)
    {
        var member = group.Members.Single(member => member.Leaf.Credential.Equals(who));
        return Commit(group, now, new RemoveProposal(member.Index));
    }

    /// <summary>Mixes in a key that all members have from elsewhere; each finds it by its name through IPreSharedKeys.</summary>
    public byte[] MixIn(MlsGroup group, byte[] name, DateTimeOffset now) => Commit(group, now, new PreSharedKeyProposal(new ExternalPskId(name)));

    /// <summary>The delivery service took the commit: its epoch begins here too.</summary>
    public void Accepted(MlsGroup group)
    {
        using var accepted = group.PrepareMergeOfPending();
        store(accepted.Change);
        accepted.Merge();
    }

    /// <summary>Joins by a Welcome with KeyPackage keys that were stored, and are deleted with the same transaction.</summary>
    public MlsGroup Join(ReadOnlySpan<byte> welcome, ReadOnlySpan<byte> storedKeys)
    {
        using var keys = KeyPackageKeys.Decode(storedKeys);
        using var joining = client.Join(MlsMessage.Decode(welcome).Welcome!, keys);
        store(joining.Change);
        joining.Merge();
        return joining.Group;
    }

    /// <summary>Joins without being added, with a GroupInfo that a member made (MlsGroup.MakeGroupInfo) and the service keeps.</summary>
    public (MlsGroup Group, byte[] Commit) JoinFromOutside(ReadOnlySpan<byte> groupInfo, SigningKey key, Credential credential)
    {
        using var joining = client.JoinExternally(MlsMessage.Decode(groupInfo).GroupInfo!, new ExternalJoinParameters(key, credential));
        store(joining.Change);
        joining.Merge();
        return (joining.Group, joining.Message.Encoded.ToArray());
    }

    private byte[] Commit(MlsGroup group, DateTimeOffset now, params Proposal[] proposals)
    {
        using var commit = group.PrepareCommit(new CommitParameters { Proposals = proposals }, now);
        store(commit.Change);
        commit.Merge();
        return commit.Message.Encoded.ToArray();
    }
}
