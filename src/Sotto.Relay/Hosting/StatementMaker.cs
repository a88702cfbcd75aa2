using Sotto.Relay.Storage;
using Sotto.Wire.Records;

namespace Sotto.Relay.Hosting;

/// <summary>The relay's statement, signed anew each day and for 7 days.</summary>
internal sealed class StatementMaker(RelayIdentity identity, RelayState state, Func<IReadOnlyList<RelayAddress>> addresses, TimeProvider time)
{
    private static readonly TimeSpan Lasts = TimeSpan.FromDays(7);
    private static readonly TimeSpan RenewedAfter = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private (DateTimeOffset Made, byte[] Bytes)? _current;

    /// <summary>Forgets the current one, because an address or a certificate changed.</summary>
    public void Renew()
    {
        lock (_gate)
            _current = null;
    }

    /// <summary>The signed record. While the disk refuses to store a new number, the last one is given for as long as it holds.</summary>
    /// <exception cref="StorageException">There is none that holds, and none can be made.</exception>
    public byte[] Current()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (_current is not { } current)
                return Replace(now);
            var age = now - current.Made;
            if (age >= TimeSpan.Zero && age < RenewedAfter)
                return current.Bytes;
            try
            {
                return Replace(now);
            }
            catch (StorageException) when (age >= TimeSpan.Zero && age < Lasts)
            {
                return current.Bytes;
            }
        }
    }

    private byte[] Replace(DateTimeOffset now)
    {
        var made = Make(now);
        _current = (now, made);
        return made;
    }

    private byte[] Make(DateTimeOffset now)
    {
        var body = new RelayStatement
        {
            IdentityKey = identity.Key,
            Number = state.NextStatementNumber(now),
            Expires = (ulong)(now + Lasts).ToUnixTimeSeconds(),
            Addresses = addresses(),
        }.EncodeBody();
        return new SignedRecord(body, identity.Sign(SignContent.Encode(SignContent.RelayStatement, body))).Encode();
    }
}
