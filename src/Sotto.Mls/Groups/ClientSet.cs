using Sotto.Mls.Credentials;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Groups;

/// <summary>Clients by signature key and by what the application tells them apart by (RFC 9420 §12.2).</summary>
internal sealed class ClientSet(IAuthenticationService authentication)
{
    private readonly HashSet<ReadOnlyMemory<byte>> _keys = new(TreeValidator.KeyComparer.Instance);
    private readonly HashSet<ReadOnlyMemory<byte>> _clients = new(TreeValidator.KeyComparer.Instance);

    /// <summary>Adds one; false when it is there already.</summary>
    public bool Add(LeafNode leaf)
    {
        var newKey = _keys.Add(leaf.SignatureKey);
        return _clients.Add(authentication.IdentifyClient(leaf)) && newKey;
    }

    public bool Contains(LeafNode leaf) => ContainsKey(leaf.SignatureKey) || _clients.Contains(authentication.IdentifyClient(leaf));

    public bool ContainsKey(ReadOnlyMemory<byte> signatureKey) => _keys.Contains(signatureKey);

    /// <summary>Adds a key that a client takes; false when it is there already.</summary>
    public bool AddKey(ReadOnlyMemory<byte> signatureKey) => _keys.Add(signatureKey);
}
