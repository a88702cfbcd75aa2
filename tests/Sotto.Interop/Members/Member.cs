namespace Sotto.Interop.Members;

/// <summary>
/// A member of one group, on one of the two implementations. Everything that crosses between members is the bytes of an
/// MLSMessage.
/// </summary>
public abstract class Member(string name)
{
    /// <summary>The identity in the member's credential.</summary>
    public string Name { get; } = name;

    /// <summary>The own place in the tree.</summary>
    public abstract uint Leaf { get; }

    /// <summary>Whether a commit took the member out of its group.</summary>
    public abstract bool IsOut { get; }

    public abstract Task CreateAsync(string groupId);

    /// <summary>A new KeyPackage, which the next <see cref="JoinAsync"/> or <see cref="JoinFromOutsideAsync"/> uses.</summary>
    public abstract Task<byte[]> NewKeyPackageAsync();

    /// <summary>Joins by a Welcome.</summary>
    /// <param name="admission">The Welcome, and the tree where it is not in it.</param>
    /// <param name="old">This client as a member of the group that the new one is linked to; null when there is none.</param>
    public abstract Task JoinAsync(Made admission, Member? old = null);

    /// <summary>Joins by an external commit, which is returned.</summary>
    /// <param name="info">The group.</param>
    /// <param name="instead">Whether it takes the place of this client's own old leaf.</param>
    public abstract Task<byte[]> JoinFromOutsideAsync(PublicGroup info, bool instead = false);

    /// <summary>A stranger's proposal to be added; the KeyPackage in it is the one to join with.</summary>
    public abstract Task<byte[]> ProposeOwnAddAsync(PublicGroup info);

    public abstract Task<byte[]> ProposeAsync(Change change, bool isPublic = false);

    /// <summary>Commits the waiting proposals and the given ones and enters the new epoch.</summary>
    public async Task<Made> CommitAsync(Wish? wish = null)
    {
        wish ??= new Wish();
        var made = await PrepareCommitAsync(wish);
        await MergeAsync();
        return wish.TreeInWelcome ? made : made with { Tree = Convert.FromHexString((await ViewAsync()).Tree) };
    }

    /// <summary>Makes a commit without entering its epoch.</summary>
    public abstract Task<Made> PrepareCommitAsync(Wish wish);

    public abstract Task MergeAsync();

    public abstract Task DropAsync();

    /// <summary>Creates the group that this one is linked to, with its first commit.</summary>
    public abstract Task<(Member Creator, Made Made)> ContinueAsync(string? branch, byte[] keyPackage);

    /// <summary>Takes a proposal or commit of somebody else.</summary>
    public abstract Task ReceiveAsync(byte[] message);

    public abstract Task<byte[]> SayAsync(string text);

    public abstract Task<string> ReadAsync(byte[] message);

    /// <summary>Whether the message is refused; the member is then as before.</summary>
    public abstract Task<bool> RefusesAsync(byte[] message);

    public abstract Task<PublicGroup> DescribeAsync(bool withTree = true);

    public abstract Task KnowPskAsync(string id, byte[] psk);

    public abstract Task<View> ViewAsync();
}

/// <summary>What a member sees of its epoch: equal for all members, or they have parted.</summary>
/// <param name="Epoch">The epoch.</param>
/// <param name="Authenticator">The epoch authenticator.</param>
/// <param name="Exported">A secret from the exporter.</param>
/// <param name="Tree">The encoded public tree.</param>
/// <param name="Members">The identities with their leaves, from the left.</param>
public sealed record View(ulong Epoch, string Authenticator, string Exported, string Tree, string Members);

/// <summary>A group for somebody outside: a GroupInfo, and the tree where it is not in it.</summary>
public sealed record PublicGroup(byte[] Info, byte[]? Tree);

/// <summary>A commit, and what new members get.</summary>
public sealed record Made(byte[] Commit, byte[]? Welcome, byte[]? Tree);

/// <summary>How a commit is made.</summary>
public sealed record Wish(params Change[] Changes)
{
    public bool IsPublic { get; init; }

    public bool TreeInWelcome { get; init; } = true;

    /// <summary>New keys for the committer where the changes ask for none; only Sotto's members do this.</summary>
    public bool ForcesPath { get; init; }

    /// <summary>A new signature key for the committer; only Sotto's members do this.</summary>
    public bool ChangesSignatureKey { get; init; }
}

/// <summary>A proposal as both implementations take it.</summary>
public abstract record Change;

public sealed record AddChange(byte[] KeyPackage) : Change;

public sealed record RemoveChange(uint Leaf) : Change;

/// <summary>Only as a proposal by itself.</summary>
public sealed record UpdateChange : Change;

public sealed record PskChange(string Id) : Change;

/// <summary>The resumption PSK of the current epoch, or of an earlier one.</summary>
public sealed record ResumptionChange(ulong? Epoch = null) : Change;

/// <summary>Required capabilities in place of all extensions of the group.</summary>
public sealed record RequireBasicCredentialsChange : Change;

public sealed record ReInitChange(string GroupId) : Change;
