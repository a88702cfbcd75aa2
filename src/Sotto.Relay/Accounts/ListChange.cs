using Sotto.Wire;
using Sotto.Wire.Records;

namespace Sotto.Relay.Accounts;

/// <summary>
/// What lists do to a chain, worked out beside the writer: it is carried out only while the head is still the one before.
/// </summary>
/// <param name="Before">The head that it stands on.</param>
/// <param name="Added">Lists that the chain did not have.</param>
/// <param name="Head">H of the new head.</param>
/// <param name="Newest">The new head.</param>
/// <param name="Recovers">Whether a list of the recovery key is among them: what the devices before could do ends.</param>
internal sealed record ListChange(Bytes32 Before, IReadOnlyList<VerifiedList> Added, Bytes32 Head, DeviceList Newest, bool Recovers)
{
    /// <summary>Appends lists to a chain.</summary>
    /// <exception cref="RelayException">One of them may not follow.</exception>
    public static ListChange Of(ListChain chain, IReadOnlyList<VerifiedList> lists)
    {
        var before = chain.Head!.Value;
        var added = lists.Where(chain.TryAppend).ToList();
        return new(before, added, chain.Head!.Value, chain.Newest, added.Any(list => list.List.Recovery is not null));
    }
}
