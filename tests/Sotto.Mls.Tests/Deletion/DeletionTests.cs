using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Ratchets;
using Sotto.Mls.Tests.Groups;

namespace Sotto.Mls.Tests.Deletion;

/// <summary>What is spent is gone, and what is kept is bounded (RFC 9420 §9.2, §15.3).</summary>
public sealed class DeletionTests : IDisposable
{
    private readonly List<Person> _people = [];

    public void Dispose() => _people.ForEach(person => person.Dispose());

    [Fact]
    public void A_key_that_encrypted_is_gone()
    {
        var (alice, _) = Pair();
        using var key = KeyOf(alice.Group, alice.Group, 0);
        using var secret = SecretOf(alice.Group, alice.Group);
        Assert.True(Holds(alice.Group, secret.Bytes));
        alice.Say("one");
        Assert.False(Holds(alice.Group, secret.Bytes));
        Assert.False(Holds(alice.Group, key.Bytes));
        Assert.Equal(1u, alice.Group.Current.SecretTree.Ratchets[alice.Group.OwnIndex].Application.Next);
    }

    [Fact]
    public void A_key_that_decrypted_is_gone_and_those_that_were_jumped_over_stay_until_they_are_used()
    {
        var (alice, bob) = Pair();
        var messages = Enumerable.Range(0, 3).Select(i => alice.Say($"{i}")).ToArray();
        var keys = Enumerable.Range(0, 3).Select(i => KeyOf(bob.Group, alice.Group, (uint)i)).ToArray();
        Assert.Equal("2", bob.Read(messages[2]));
        Assert.Equal([true, true, false], keys.Select(key => Holds(bob.Group, key.Bytes)));
        Assert.Equal("0", bob.Read(messages[0]));
        Assert.Equal([false, true, false], keys.Select(key => Holds(bob.Group, key.Bytes)));
        Assert.Equal("1", bob.Read(messages[1]));
        Assert.DoesNotContain(keys, key => Holds(bob.Group, key.Bytes));
        Array.ForEach(keys, key => key.Dispose());
    }

    [Fact]
    public void No_more_jumped_over_keys_are_kept_than_the_limit()
    {
        var (alice, bob) = Pair(new MlsLimits { SkippedKeys = 2 });
        var messages = Enumerable.Range(0, 6).Select(i => alice.Say($"{i}")).ToArray();
        Assert.Equal("5", bob.Read(messages[5]));
        Assert.Equal(2, bob.Group.Current.SecretTree.Ratchets[alice.Group.OwnIndex].Application.Skipped.Length);
        Assert.Equal(MlsRule.GenerationUnspent, Assert.Throws<MlsException>(() => bob.Group.Receive(messages[2])).Rule);
        Assert.Equal("3", bob.Read(messages[3]));
        Assert.Equal("4", bob.Read(messages[4]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void No_more_past_epochs_are_kept_than_the_limit(int limit)
    {
        var (alice, bob) = Pair(new MlsLimits { PastEpochs = limit });
        var late = alice.Say("late");
        for (var i = 0; i < limit; i++)
            bob.Receive<ReceivedCommit>(alice.Commit().Commit);
        if (limit > 0)
            Assert.Equal("late", bob.Read(late));
        var later = alice.Say("later");
        for (var i = 0; i <= limit; i++)
            bob.Receive<ReceivedCommit>(alice.Commit().Commit);
        Assert.Equal(MlsRule.CurrentEpoch, Assert.Throws<MlsException>(() => bob.Group.Receive(later)).Rule);
        Assert.Equal(limit, bob.Group.Memory.Past.Count);
        Assert.Empty(bob.RecordsThatDiffer());
    }

    [Fact]
    public void The_secrets_of_an_epoch_end_with_it()
    {
        var (alice, bob) = Pair();
        var epoch = bob.Group.Current;
        Secret[] ending = [epoch.Secrets.Init, epoch.Secrets.Exporter, epoch.Secrets.External, epoch.Secrets.Confirmation, epoch.Secrets.Membership];
        var bytes = ending.Select(secret => secret.Bytes.ToArray()).ToArray();
        bob.Receive<ReceivedCommit>(alice.Commit().Commit);
        Assert.All(ending, secret => Assert.Throws<ObjectDisposedException>(() => secret.Length));
        Assert.DoesNotContain(bytes, secret => Holds(bob.Group, secret));
    }

    [Fact]
    public void A_leaf_key_ends_with_the_commit_that_replaces_it()
    {
        var (alice, bob) = Pair();
        var old = alice.Group.Current.PrivateKeys[alice.Group.OwnIndex.Node]!;
        var bytes = old.Bytes.ToArray();
        bob.Receive<ReceivedCommit>(alice.Commit().Commit);
        Assert.Throws<ObjectDisposedException>(() => old.Length);
        Assert.False(Holds(alice.Group, bytes));
    }

    [Fact]
    public void A_leaf_key_ends_with_the_commit_of_the_Update_that_replaces_it()
    {
        var (alice, bob) = Pair();
        var old = bob.Group.Current.PrivateKeys[bob.Group.OwnIndex.Node]!;
        alice.Receive<ReceivedProposal>(bob.ProposeUpdate());
        bob.Receive<ReceivedCommit>(alice.Commit().Commit);
        Assert.Throws<ObjectDisposedException>(() => old.Length);
        Assert.True(bob.Group.Current.PrivateKeys.Fit(bob.Group.Current.Crypto, bob.Group.Current.Tree));
    }

    [Fact]
    public void Building_a_commit_changes_nothing()
    {
        var (alice, _) = Pair();
        var before = alice.StateHash();
        alice.Group.PrepareCommit(null, Person.Now).Dispose();
        Assert.Equal(before, alice.StateHash());
        alice.PrepareCommit(new CommitParameters { Encrypt = false });
        alice.DropPending();
        Assert.Equal(before, alice.StateHash());
    }

    [Fact]
    public void Who_is_removed_keeps_nothing()
    {
        var (alice, bob) = Pair();
        var resumption = bob.Group.Current.Secrets.Resumption;
        bob.Receive<ReceivedCommit>(alice.Commit(new CommitParameters { Proposals = [new RemoveProposal(bob.Group.OwnIndex)] }).Commit);
        Assert.Throws<ObjectDisposedException>(() => resumption.Length);
        Assert.Throws<InvalidOperationException>(() => bob.Group.Receive(alice.Commit().Commit));
        Assert.Throws<InvalidOperationException>(() => bob.Say("still here"));
    }

    [Fact]
    public void Two_messages_under_one_restored_state_have_different_nonces()
    {
        var (alice, bob) = Pair();
        var guards = new HashSet<string>();
        for (var i = 0; i < 8; i++)
        {
            alice.Group.PrepareMessage("same"u8).Dispose();
            using var state = alice.Group.ExportState();
            using var restored = alice.Client.Load(state.Saved);
            using var message = restored.PrepareMessage("same"u8);
            message.Merge();
            var data = message.Message.PrivateMessage!.OpenSenderData(restored.Current.Crypto, bob.Group.Current.Secrets.SenderDataSource(restored.Current.Crypto));
            Assert.Equal(0u, data.Generation);
            guards.Add(Convert.ToHexString(data.ReuseGuard));
        }

        Assert.Equal(8, guards.Count);
    }

    [Fact]
    public void After_so_many_messages_a_commit_must_come_first()
    {
        var (alice, bob) = Pair(new MlsLimits { MessagesPerEpoch = 2 });
        bob.Say("one");
        bob.Say("two");
        var before = bob.StateHash();
        Assert.Throws<InvalidOperationException>(() => bob.Say("three"));
        Assert.Equal(before, bob.StateHash());
        var (commit, _) = bob.Commit();
        alice.Receive<ReceivedCommit>(commit);
        Assert.Equal("four", alice.Read(bob.Say("four")));
    }

    /// <summary>Alice, and Bob with the limits.</summary>
    private (Person Alice, Person Bob) Pair(MlsLimits? limits = null)
    {
        var (alice, bob) = (new Person("Alice"), new Person("Bob", limits: limits));
        _people.AddRange([alice, bob]);
        alice.Create();
        using var keys = bob.NewKeyPackage();
        bob.Join(alice.Add((bob, keys)).Welcome!, keys);
        return (alice, bob);
    }

    /// <summary>The AEAD key and nonce of a sender's application message. The caller disposes it.</summary>
    private static Secret KeyOf(MlsGroup holder, MlsGroup sender, uint generation)
    {
        var step = holder.Current.SecretTree.At(sender.OwnIndex, ContentType.Application, generation, MlsLimits.Default);
        var key = Secret.CopyOf([.. step.Key.Key, .. step.Key.Nonce]);
        step.Drop();
        return key;
    }

    /// <summary>The lowest secret of the tree that a sender's first key comes from. The caller disposes it.</summary>
    private static Secret SecretOf(MlsGroup holder, MlsGroup sender)
    {
        SecretTreeStep step = holder.Current.SecretTree.Next(sender.OwnIndex, ContentType.Application, MlsLimits.Default);
        var secret = Secret.CopyOf(holder.Current.SecretTree.Nodes[step.SpentNodes[0]].Bytes);
        step.Drop();
        return secret;
    }

    private static bool Holds(MlsGroup group, ReadOnlySpan<byte> secret)
    {
        using var state = group.ExportState();
        foreach (var record in state.Saved)
        {
            if (record.Value.AsSpan().IndexOf(secret) >= 0)
                return true;
        }

        return false;
    }
}
