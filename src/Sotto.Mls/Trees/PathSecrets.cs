using Sotto.Mls.Suites;

namespace Sotto.Mls.Trees;

/// <summary>
/// The chain of path secrets up a filtered direct path, and the keys that come from them (RFC 9420 §7.4). The owner
/// disposes it; the private keys are given away by <see cref="TakePrivateKeys"/>.
/// </summary>
internal sealed class PathSecrets : IDisposable
{
    private readonly List<PathStep> _steps;
    private readonly List<Secret> _secrets = [];
    private readonly List<KeyValuePair<int, NodeKey>> _privateKeys = [];

    private PathSecrets(List<PathStep> steps, Secret commitSecret)
    {
        _steps = steps;
        CommitSecret = commitSecret;
    }

    /// <summary>path_secret[n+1], which goes into the key schedule (§12.4.1).</summary>
    public Secret CommitSecret { get; private set; }

    /// <summary>The derived public keys, lowest first.</summary>
    public List<byte[]> PublicKeys { get; } = [];

    /// <summary>The secrets of the nodes, lowest first.</summary>
    public IReadOnlyList<Secret> Secrets => _secrets;

    /// <summary>Derives everything above the first step from its secret, which is taken over.</summary>
    public static PathSecrets Derive(SuiteCrypto crypto, List<PathStep> steps, Secret first)
    {
        var path = new PathSecrets(steps, first);
        foreach (var step in steps)
        {
            var secret = path.CommitSecret;
            path._secrets.Add(secret);
            path.CommitSecret = crypto.DeriveSecret(secret.Bytes, "path"u8);
            using var nodeSecret = crypto.DeriveSecret(secret.Bytes, "node"u8);
            var privateKey = crypto.Hpke.DerivePrivateKey(nodeSecret.Bytes);
            var publicKey = crypto.Hpke.PublicKey(privateKey.Bytes);
            path._privateKeys.Add(new(step.Node, new NodeKey(privateKey, publicKey)));
            path.PublicKeys.Add(publicKey);
        }

        return path;
    }

    /// <summary>The secret of a node on the path; null when the node is not on it.</summary>
    public Secret? SecretOf(int node)
    {
        var index = _steps.FindIndex(step => step.Node == node);
        return index < 0 ? null : _secrets[index];
    }

    /// <summary>Gives the private keys away, to be disposed by the caller.</summary>
    public List<KeyValuePair<int, NodeKey>> TakePrivateKeys()
    {
        var keys = _privateKeys.ToList();
        _privateKeys.Clear();
        return keys;
    }

    public void Dispose()
    {
        CommitSecret.Dispose();
        foreach (var secret in _secrets)
            secret.Dispose();
        foreach (var (_, key) in _privateKeys)
            key.Private.Dispose();
    }
}
