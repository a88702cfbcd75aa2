using Sotto.Crypto;
using Sotto.Direct.Identities;
using Sotto.Direct.Invites;

namespace Sotto.Direct.Sessions;

/// <summary>
/// The invites that this run of the host has made, and who used each. A used one still lets its user back in. Thread-safe:
/// handshakes ask while the host's loop marks.
/// </summary>
internal sealed class InviteDesk(ICryptoProvider crypto) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = [];

    /// <summary>A fresh link, or the last one again when nobody used it.</summary>
    public string Issue(PublicIdentity host, IReadOnlyList<HostAddress> addresses)
    {
        lock (_gate)
        {
            if (_entries is not [.., { User: null }])
                _entries.Add(Entry.Of(crypto, DirectInvite.Create(crypto, host, addresses)));
            return _entries[^1].Invite.ToLink();
        }
    }

    public DirectInvite? Find(ReadOnlyMemory<byte> tag)
    {
        lock (_gate)
            return _entries.Find(entry => tag.Span.SequenceEqual(entry.Tag))?.Invite;
    }

    public PublicIdentity? UsedBy(DirectInvite invite)
    {
        lock (_gate)
            return _entries.Find(entry => entry.Invite == invite)?.User;
    }

    public void MarkUsed(DirectInvite invite, PublicIdentity user)
    {
        lock (_gate)
        {
            if (_entries.Find(entry => entry.Invite == invite) is { } entry)
                entry.User = user;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var entry in _entries)
                entry.Invite.Dispose();
            _entries.Clear();
        }
    }

    private sealed class Entry
    {
        public required DirectInvite Invite { get; init; }

        public required byte[] Tag { get; init; }

        public PublicIdentity? User { get; set; }

        public static Entry Of(ICryptoProvider crypto, DirectInvite invite) => new() { Invite = invite, Tag = invite.Tag(crypto) };
    }
}
