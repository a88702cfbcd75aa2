using System.Buffers.Binary;
using Sotto.Client.Relays;
using Sotto.Wire;
using Sotto.Wire.Links;
using Sotto.Wire.Problems;
using Sotto.Wire.Records;

namespace Sotto.Simulation.Tests.Twin;

/// <summary>
/// A relay in memory, written from docs/protocol/relay.md and not from the relay's code. One thread at a time; strict in all that
/// a client could get wrong, and it remembers what no client that works would have asked.
/// </summary>
internal sealed class TwinRelay
{
    public const string Address = "127.0.0.1:7788";

    private const long LinkHours = 30 * 24;

    private readonly byte[] _seed;
    private readonly List<TwinConnection> _connections = [];
    private long _restoredUntil;
    private int _restores;

    public TwinRelay(ICryptoProvider crypto, TimeProvider time)
    {
        (Crypto, Time) = (crypto, time);
        _seed = Random(Sizes.Ed25519Seed);
        var key = new byte[Sizes.Ed25519PublicKey];
        crypto.Ed25519PublicKey(_seed, key);
        IdentityKey = new(key);
        Incarnation = NewIncarnation();
        (Accounts, Channels) = (new(this), new(this));
    }

    public ICryptoProvider Crypto { get; }

    public TimeProvider Time { get; }

    public Bytes32 IdentityKey { get; }

    public Bytes16 Fingerprint => RelayStatement.FingerprintOf(IdentityKey);

    public ulong Incarnation { get; private set; }

    public TwinState State { get; set; } = new();

    public TwinAccounts Accounts { get; }

    public TwinChannels Channels { get; }

    public IReadOnlyList<TwinConnection> Connections => _connections;

    /// <summary>What clients asked that is against the contract.</summary>
    public List<string> Complaints { get; } = [];

    public bool WasRestored => _restores > 0;

    /// <summary>Whether clients may not know what they asked before: one of them is an old copy.</summary>
    public bool MeetsOldCopies { get; set; }

    public long Now => Time.GetUtcNow().ToUnixTimeSeconds();

    public long Hour => Now / 3600;

    public long Day => Now / 86_400;

    /// <summary>An operator's link for one account.</summary>
    public RegistrationLink NewLink()
    {
        var token = new Bytes32(Random(Bytes32.Length));
        State = State with { Registrations = State.Registrations.Add(Bytes32.HashOf(token.ToArray()), new(1, Hour + LinkHours, TwinInviteState.Open)) };
        return new(Address, Fingerprint, token, (uint)(Hour + LinkHours));
    }

    public TwinConnection Open()
    {
        var connection = new TwinConnection(this);
        _connections.Add(connection);
        return connection;
    }

    public void Close(TwinConnection connection) => _connections.Remove(connection);

    /// <summary>The process ends and is started again: connections and acknowledgements that were not written are gone.</summary>
    public void Restart()
    {
        _connections.Clear();
        Channels.ForgetAcknowledgements();
    }

    /// <summary>An earlier state takes the place of this one, under another incarnation.</summary>
    public void Restore(TwinState backup)
    {
        Restart();
        State = backup;
        Incarnation = NewIncarnation();
        _restoredUntil = Now + 24 * 3600;
        _restores++;
    }

    public bool IsRestored(TwinChannel channel) => channel.Incarnation != Incarnation && Now < _restoredUntil;

    public byte[] IncarnationBytes
    {
        get
        {
            var bytes = new byte[8];
            BinaryPrimitives.WriteUInt64BigEndian(bytes, Incarnation);
            return bytes;
        }
    }

    public byte[] Sign(byte[] toSign)
    {
        var signature = new byte[Sizes.Ed25519Signature];
        Crypto.Ed25519Sign(_seed, toSign, signature);
        return signature;
    }

    public bool Signed(byte[] toSign, ReadOnlySpan<byte> signature) =>
        signature.Length == Sizes.Ed25519Signature && Crypto.Ed25519Verify(IdentityKey.ToArray(), toSign, signature);

    /// <summary>A refusal. Some are no client's fault, some only after the relay lost something, and some always.</summary>
    public RelayRefusedException Refuse(RelayProblem problem, string what, ulong number = 0, ulong first = 0)
    {
        var isWrong = problem is RelayProblem.Malformed or RelayProblem.TooLarge or RelayProblem.UnknownRequest or RelayProblem.RateLimited or RelayProblem.QuotaReached
            || (!WasRestored && !MeetsOldCopies && problem is (RelayProblem.TokenRefused or RelayProblem.Conflict));
        if (isWrong)
            Complaints.Add($"{problem}: {what}");
        return new(problem) { Number = number, FirstSequence = first };
    }

    public byte[] Random(int count)
    {
        var bytes = new byte[count];
        Crypto.FillRandom(bytes);
        return bytes;
    }

    private ulong NewIncarnation() => BinaryPrimitives.ReadUInt64BigEndian(Random(8));
}
