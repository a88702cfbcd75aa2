namespace Sotto.Mls.Schedule;

/// <summary>What a resumption PSK is used for (RFC 9420 §8.4).</summary>
public enum ResumptionUsage : byte
{
    /// <summary>Whatever the application wants.</summary>
    Application = 1,

    /// <summary>Linking a group to the one that it replaces.</summary>
    ReInit = 2,

    /// <summary>Linking a subgroup to the group that it comes from.</summary>
    Branch = 3,
}

/// <summary>Names a pre-shared key (RFC 9420 §8.4): one that the application brought, or one of a group's epoch.</summary>
public abstract record PreSharedKeyId
{
    private const byte ExternalType = 1;
    private const byte ResumptionType = 2;

    private protected PreSharedKeyId(ReadOnlyMemory<byte> nonce) => Nonce = nonce;

    /// <summary>Random bytes, KDF.Nh of them, new for each use.</summary>
    public ReadOnlyMemory<byte> Nonce { get; internal init; }

    /// <summary>Whether both name the same key with the same nonce.</summary>
    public virtual bool Equals(PreSharedKeyId? other) => other is not null && Encode().AsSpan().SequenceEqual(other.Encode());

    /// <inheritdoc/>
    public override int GetHashCode() => new ReadOnlyMemory<byte>(Encode()).ContentHash();

    internal static PreSharedKeyId Read(ref TlsReader reader) => reader.ReadByte() switch
    {
        ExternalType => new ExternalPskId(reader.ReadVector(), reader.ReadVector()),
        ResumptionType => new ResumptionPskId(
            ReadUsage(ref reader), new GroupId(reader.ReadVector()), new Epoch(reader.ReadUInt64()), reader.ReadVector()),
        _ => throw new MlsException(MlsRule.KnownPskType),
    };

    internal void Write(TlsWriter writer)
    {
        switch (this)
        {
            case ExternalPskId external:
                writer.WriteByte(ExternalType);
                writer.WriteVector(external.Id);
                break;
            case ResumptionPskId resumption:
                writer.WriteByte(ResumptionType);
                writer.WriteByte((byte)resumption.Usage);
                writer.WriteVector(resumption.Group.Bytes);
                writer.WriteUInt64(resumption.Epoch.Value);
                break;
        }

        writer.WriteVector(Nonce);
    }

    internal byte[] Encode() => TlsWriter.Encode(Write);

    private static ResumptionUsage ReadUsage(ref TlsReader reader)
    {
        var usage = (ResumptionUsage)reader.ReadByte();
        Check.That(usage is >= ResumptionUsage.Application and <= ResumptionUsage.Branch, MlsRule.KnownPskUsage);
        return usage;
    }
}

/// <summary>A key that the application brought to all members (RFC 9420 §8.4).</summary>
public sealed record ExternalPskId : PreSharedKeyId
{
    /// <summary>Names the key; the nonce is added when the proposal is made.</summary>
    public ExternalPskId(ReadOnlyMemory<byte> id)
        : this(id, default)
    {
    }

    internal ExternalPskId(ReadOnlyMemory<byte> id, ReadOnlyMemory<byte> nonce)
        : base(nonce) => Id = id;

    /// <summary>The application's name of the key.</summary>
    public ReadOnlyMemory<byte> Id { get; }

    /// <inheritdoc/>
    public bool Equals(ExternalPskId? other) => base.Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => base.GetHashCode();
}

/// <summary>The resumption PSK of a group's epoch (RFC 9420 §8.6).</summary>
public sealed record ResumptionPskId : PreSharedKeyId
{
    /// <summary>Names the key; the nonce is added when the proposal is made.</summary>
    public ResumptionPskId(ResumptionUsage usage, GroupId group, Epoch epoch)
        : this(usage, group, epoch, default)
    {
    }

    internal ResumptionPskId(ResumptionUsage usage, GroupId group, Epoch epoch, ReadOnlyMemory<byte> nonce)
        : base(nonce)
    {
        Usage = usage;
        Group = group;
        Epoch = epoch;
    }

    /// <summary>What it is used for.</summary>
    public ResumptionUsage Usage { get; }

    /// <summary>The group that the key comes from.</summary>
    public GroupId Group { get; }

    /// <summary>The epoch that the key comes from.</summary>
    public Epoch Epoch { get; }

    /// <inheritdoc/>
    public bool Equals(ResumptionPskId? other) => base.Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => base.GetHashCode();
}
