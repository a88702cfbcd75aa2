using Sotto.Wire.Records;

namespace Sotto.Relay.Hosting;

/// <summary>The relay's statement, signed anew each day and for 7 days.</summary>
internal sealed class StatementMaker(RelayIdentity identity, Func<IReadOnlyList<RelayAddress>> addresses, TimeProvider time)
{
    private static readonly TimeSpan Lasts = TimeSpan.FromDays(7);
    private static readonly TimeSpan RenewedAfter = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private ulong _number;
    private (DateTimeOffset Made, byte[] Bytes)? _current;

    /// <summary>Forgets the current one, because an address or a certificate changed.</summary>
    public void Renew()
    {
        lock (_gate)
            _current = null;
    }

    /// <summary>The signed record.</summary>
    public byte[] Current()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (_current is not { } current || now - current.Made >= RenewedAfter || now < current.Made)
                _current = current = (now, Make(now));
            return current.Bytes;
        }
    }

    private byte[] Make(DateTimeOffset now)
    {
        _number = Math.Max(_number + 1, (ulong)now.ToUnixTimeMilliseconds());
        var body = new RelayStatement
        {
            IdentityKey = identity.Key,
            Number = _number,
            Expires = (ulong)(now + Lasts).ToUnixTimeSeconds(),
            Addresses = addresses(),
        }.EncodeBody();
        return new SignedRecord(body, identity.Sign(SignContent.Encode(SignContent.RelayStatement, body))).Encode();
    }
}
