using Sotto.Wire;
using Sotto.Wire.Problems;
using Sotto.Wire.Records;

namespace Sotto.Relay.Accounts;

/// <summary>A list in a chain.</summary>
/// <param name="Hash">H of its body.</param>
/// <param name="List">What it says.</param>
public sealed record ChainedList(Bytes32 Hash, DeviceList List);

/// <summary>
/// All lists that an account ever published, and the rule of docs/protocol that says which of them counts. A pure function
/// of the lists: relay and contacts come to the same head.
/// </summary>
public sealed class ListChain
{
    private readonly Dictionary<Bytes32, DeviceList> _lists = [];
    private readonly GenesisRecord _genesis;

    /// <summary>The lists of an account, as they were taken, and the head.</summary>
    public ListChain(GenesisRecord genesis, IEnumerable<ChainedList> lists, Bytes32? head)
    {
        _genesis = genesis;
        foreach (var (hash, list) in lists)
            _lists.Add(hash, list);
        Head = head;
    }

    /// <summary>H of the list that counts; null before the first.</summary>
    public Bytes32? Head { get; private set; }

    /// <summary>The list that counts.</summary>
    /// <exception cref="InvalidOperationException">There is none yet.</exception>
    public DeviceList Newest => _lists[Head ?? throw new InvalidOperationException("An account has at least one list.")];

    /// <summary>Whether a list was taken, whether or not it still counts.</summary>
    public bool Has(Bytes32 hash) => _lists.ContainsKey(hash);

    /// <summary>The key that must have signed an ordinary list: the one that its predecessor names.</summary>
    /// <exception cref="RelayException">The predecessor is not known.</exception>
    public Bytes32 SignerOf(DeviceList list) => list.Number == 1 ? _genesis.AccountKey : Predecessor(list).AccountKey;

    /// <summary>Takes a list as the new head.</summary>
    /// <returns>False when it was taken before, whether or not it still counts.</returns>
    /// <exception cref="RelayException">It may not follow.</exception>
    public bool TryAppend(VerifiedList verified)
    {
        if (_lists.ContainsKey(verified.Hash))
            return false;
        if (verified.List.Recovery is null)
            RequireNext(verified);
        else
            RequireRecovery(verified);
        _lists.Add(verified.Hash, verified.List);
        Head = verified.Hash;
        return true;
    }

    /// <summary>The lists that count, newest first.</summary>
    public IEnumerable<ChainedList> Ancestry()
    {
        for (var hash = Head; hash is { } at && _lists.TryGetValue(at, out var list); hash = list.Predecessor)
            yield return new(at, list);
    }

    /// <summary>An ordinary list follows the head, is signed by the key that the head names, and keeps that key.</summary>
    private void RequireNext(VerifiedList verified)
    {
        var list = verified.List;
        var follows = Head is { } head
            ? list.Predecessor == head && list.Number == Newest.Number + 1
            : list.Number == 1;
        if (!follows)
            throw new RelayException(RelayProblem.ListSuperseded);
        if (verified.Signer != SignerOf(list) || list.AccountKey != verified.Signer)
            throw new RelayException(RelayProblem.Refused, "Only the account key signs a list, and it stays.");
    }

    /// <summary>
    /// A list of the recovery key may follow any earlier list. Against another one from which neither descends, the later
    /// time counts, then the lower hash.
    /// </summary>
    private void RequireRecovery(VerifiedList verified)
    {
        var (list, mark) = (verified.List, verified.List.Recovery!);
        if (Bytes32.HashOf(mark.RecoveryKey.ToArray()) != _genesis.RecoverySignatureKeyHash || verified.Signer != mark.RecoveryKey)
            throw new RelayException(RelayProblem.Refused, "The genesis record names another recovery key.");
        if (list.Number != Predecessor(list).Number + 1)
            throw new RelayException(RelayProblem.Malformed, "The number is the predecessor's plus one.");
        foreach (var rival in Ancestry().Where(earlier => earlier.List.Recovery is not null))
        {
            if (!Descends(list.Predecessor, rival.Hash) && !Outranks(verified.Hash, mark, rival))
                throw new RelayException(RelayProblem.ListSuperseded);
        }
    }

    private static bool Outranks(Bytes32 hash, RecoveryMark mark, ChainedList rival)
    {
        var seconds = rival.List.Recovery!.UnixSeconds;
        return mark.UnixSeconds != seconds ? mark.UnixSeconds > seconds : hash < rival.Hash;
    }

    private bool Descends(Bytes32 from, Bytes32 ancestor)
    {
        for (var at = from; _lists.TryGetValue(at, out var list); at = list.Predecessor)
        {
            if (at == ancestor)
                return true;
        }

        return false;
    }

    private DeviceList Predecessor(DeviceList list) =>
        _lists.TryGetValue(list.Predecessor, out var predecessor) ? predecessor : throw new RelayException(RelayProblem.ListSuperseded);
}
