using System.Text.Json;
using System.Text.Json.Serialization;
using Sotto.Crypto;

namespace Sotto.Direct.Identities;

/// <summary>Somebody whose key is remembered.</summary>
/// <param name="Name">The name under which it is remembered.</param>
/// <param name="Key">The Ed25519 public key, 32 bytes.</param>
/// <param name="Verified">Whether the key counts as this person's.</param>
/// <param name="Addresses">Where this person was reached, newest first.</param>
public sealed record RememberedPeer(string Name, byte[] Key, bool Verified, IReadOnlyList<string> Addresses);

/// <summary>
/// Remembered people of direct mode, in one JSON file. A name keeps its key, and so does an address: another key under either
/// is refused, until the person takes the entry out.
/// </summary>
public sealed class PeerBook(ICryptoProvider crypto, string path)
{
    private const int MaxAddresses = 8;
    private readonly Lock _gate = new();

    /// <summary>Where it lies.</summary>
    public string Path { get; } = path;

    /// <summary>Everybody, in the order of their names.</summary>
    /// <exception cref="DirectException">The file cannot be read.</exception>
    public IReadOnlyList<RememberedPeer> List()
    {
        lock (_gate)
            return [.. Load().OrderBy(peer => peer.Name, StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>The entry of a key.</summary>
    public RememberedPeer? Find(PublicIdentity peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        lock (_gate)
            return Load().FirstOrDefault(known => peer.Key.SequenceEqual(known.Key));
    }

    /// <summary>Refuses a key that stands where another is remembered.</summary>
    /// <param name="peer">Whom the handshake proved.</param>
    /// <param name="address">The address that was asked for, when that is all this side went by. An invite names the key itself.</param>
    /// <param name="byInvite">An invite proved the key: then only a verified entry can stand against it, not a stranger's claim to the name.</param>
    /// <exception cref="DirectException">The name or the address belongs to another key.</exception>
    public void Check(PublicIdentity peer, string? address, bool byInvite = false)
    {
        ArgumentNullException.ThrowIfNull(peer);
        lock (_gate)
        {
            var all = Load();
            var known = all.Find(entry => peer.Key.SequenceEqual(entry.Key));
            var conflict = known is null ? all.Find(entry => SameName(entry.Name, peer.Name) && (entry.Verified || !byInvite)) : null;
            conflict ??= address is null ? null : all.Find(entry => entry != known && entry.Addresses.Contains(address));
            if (conflict is not null)
                throw Changed(conflict, peer, SameName(conflict.Name, peer.Name) ? null : address);
        }
    }

    /// <summary>Remembers a key with its name; an entry only rises from unverified to verified.</summary>
    public void Remember(PublicIdentity peer, bool verified, string? address)
    {
        ArgumentNullException.ThrowIfNull(peer);
        lock (_gate)
        {
            var all = Load();
            var known = all.Find(entry => peer.Key.SequenceEqual(entry.Key));
            all.RemoveAll(entry => peer.Key.SequenceEqual(entry.Key) || (verified && !entry.Verified && SameName(entry.Name, peer.Name)));
            for (var i = 0; i < all.Count; i++)
                all[i] = all[i] with { Addresses = [.. all[i].Addresses.Where(a => a != address)] };
            string[] addresses = address is null ? [.. known?.Addresses ?? []] : [address, .. (known?.Addresses ?? []).Where(a => a != address).Take(MaxAddresses - 1)];
            all.Add(new(known?.Name ?? peer.Name, peer.Key.ToArray(), verified || known is { Verified: true }, addresses));
            Save(all);
        }
    }

    /// <summary>Takes an entry out.</summary>
    /// <returns>False when nobody has that name.</returns>
    public bool Forget(string name)
    {
        lock (_gate)
        {
            var all = Load();
            if (all.RemoveAll(entry => SameName(entry.Name, name)) == 0)
                return false;
            Save(all);
            return true;
        }
    }

    private static bool SameName(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private DirectException Changed(RememberedPeer known, PublicIdentity peer, string? address)
    {
        var where = address is null ? $"says it is {known.Name}" : $"answers at {address}, where you reached {known.Name} before,";
        return new(DirectFailure.KeyChanged, $"""
            Somebody who {where} shows another key. Nothing was sent to them.
              remembered {Fingerprint.Of(crypto, known.Key)}
              shown now  {peer.Fingerprint}
            Either {known.Name} has a new device or a new profile, or somebody is in between. Ask {known.Name} in another way.
            If it is really {known.Name}: sotto direct peers forget {Quoted(known.Name)}   and begin again, best with a new invite.
            """);
    }

    private static string Quoted(string name) => name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? name : $"\"{name}\"";

    private List<RememberedPeer> Load()
    {
        if (!File.Exists(Path))
            return [];
        try
        {
            using var stream = File.OpenRead(Path);
            var file = JsonSerializer.Deserialize(stream, PeerBookJson.Default.PeerFile);
            return file is { Version: 1, Peers: { } peers } && peers.All(IsWhole) ? [.. peers] : throw Unreadable(null);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw Unreadable(e);
        }
    }

    private static bool IsWhole(RememberedPeer? peer) => peer is { Name: not null, Key.Length: Sizes.Ed25519PublicKey, Addresses: not null };

    private void Save(List<RememberedPeer> peers)
    {
        Span<byte> random = stackalloc byte[6];
        crypto.FillRandom(random);
        var json = JsonSerializer.SerializeToUtf8Bytes(new PeerFile(1, peers), PeerBookJson.Default.PeerFile);
        ProfileFolder.WriteWhole(Path, json, Convert.ToHexStringLower(random), replace: true);
    }

    private DirectException Unreadable(Exception? inner) =>
        new(DirectFailure.IdentityUnusable, $"The list of remembered people {Path} is damaged or from a newer version. It was not changed.", inner);
}

internal sealed record PeerFile(int Version, IReadOnlyList<RememberedPeer> Peers);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PeerFile))]
internal sealed partial class PeerBookJson : JsonSerializerContext;
