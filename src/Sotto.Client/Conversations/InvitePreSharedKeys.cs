using Sotto.Crypto;
using Sotto.Mls;
using Sotto.Mls.Schedule;
using Sotto.Wire;

namespace Sotto.Client.Conversations;

/// <summary>The PSKs of invites, and which of them a Welcome asked for: an inviter checks that its own was among them.</summary>
internal sealed class InvitePreSharedKeys : IPreSharedKeys
{
    private readonly Dictionary<Bytes32, Bytes32> _keys = [];

    /// <summary>Invites that were asked for since it was cleared.</summary>
    public HashSet<Bytes32> Asked { get; } = [];

    public void Add(Bytes32 invite, Bytes32 key) => _keys[invite] = key;

    public void Remove(Bytes32 invite) => _keys.Remove(invite);

    public Secret? FindExternal(ReadOnlyMemory<byte> id)
    {
        if (id.Length != Bytes32.Length || !_keys.TryGetValue(new(id.Span), out var key))
            return null;
        Asked.Add(new(id.Span));
        return Secret.CopyOf(key.ToArray());
    }

    public Secret? FindResumption(GroupId group, Epoch epoch) => null;
}
