using Sotto.Mls.Suites;

namespace Sotto.Mls.Ratchets;

/// <summary>
/// One sender's sequence of message keys of one kind (RFC 9420 §9.1): the secret of the next generation, and the keys of
/// generations that were jumped over. Immutable: a step gives a new one, and which of the old one's secrets are spent.
/// </summary>
internal sealed class HashRatchet(Secret? secret, uint next, MessageKey[] skipped)
{
    /// <summary>The generation that comes next.</summary>
    public uint Next { get; } = next;

    /// <summary>The next generation's secret; null when there are no more generations.</summary>
    public Secret? Secret { get; } = secret;

    /// <summary>Keys of earlier generations that were not used yet, in rising order.</summary>
    public MessageKey[] Skipped { get; } = skipped;

    /// <summary>The key of a generation. Nothing changes until the step is taken.</summary>
    public HashRatchetStep Step(SuiteCrypto crypto, uint generation, MlsLimits limits) =>
        generation < Next ? TakeSkipped(generation) : Advance(crypto, generation, limits);

    public void Write(TlsWriter writer)
    {
        writer.WriteUInt32(Next);
        if (writer.WriteOptional(Secret is not null))
            writer.WriteVector(Secret!.Bytes);
        writer.WriteList(Skipped, (to, key) => key.Write(to));
    }

    public static HashRatchet Read(SuiteCrypto crypto, ref TlsReader reader)
    {
        var next = reader.ReadUInt32();
        var secret = reader.ReadOptional() ? reader.ReadVector() : default(ReadOnlyMemory<byte>?);
        var list = reader.ReadVectorReader();
        var skipped = new List<MessageKey>();
        try
        {
            while (!list.IsAtEnd)
                skipped.Add(MessageKey.Read(crypto, ref list));
        }
        catch
        {
            skipped.ForEach(key => key.Dispose());
            throw;
        }

        return new HashRatchet(secret is { } stored ? Secret.CopyOf(stored.Span) : null, next, [.. skipped]);
    }

    /// <summary>Wipes all of it.</summary>
    public void Wipe()
    {
        Secret?.Dispose();
        foreach (var key in Skipped)
            key.Dispose();
    }

    private HashRatchetStep TakeSkipped(uint generation)
    {
        var index = Array.FindIndex(Skipped, key => key.Generation == generation);
        if (index < 0)
            throw new MlsException(MlsRule.GenerationUnspent);
        MessageKey[] rest = [.. Skipped[..index], .. Skipped[(index + 1)..]];
        return new HashRatchetStep(Skipped[index], this, new HashRatchet(Secret, Next, rest), derivedKey: false);
    }

    private HashRatchetStep Advance(SuiteCrypto crypto, uint generation, MlsLimits limits)
    {
        if (Secret is null)
            throw new MlsException(MlsRule.GenerationUnspent);
        Check.That(generation - Next <= limits.ForwardJump, MlsRule.GenerationJump);

        var secret = Secret;
        var passed = new List<MessageKey>();
        for (var current = Next; current < generation; current++)
        {
            using var source = crypto.Open(secret.Bytes);
            if (generation - current <= limits.SkippedKeys)
                passed.Add(MessageKey.Derive(crypto, source, current));
            secret = Follow(secret, source.DeriveTree("secret"u8, current));
        }

        using var last = crypto.Open(secret.Bytes);
        var key = MessageKey.Derive(crypto, last, generation);
        var isLast = generation == uint.MaxValue;
        var next = Follow(secret, isLast ? null : last.DeriveTree("secret"u8, generation));
        MessageKey[] skipped = [.. Skipped, .. passed];
        if (skipped.Length > limits.SkippedKeys)
            skipped = skipped[^limits.SkippedKeys..];
        return new HashRatchetStep(key, this, new HashRatchet(next, isLast ? generation : generation + 1, skipped), derivedKey: true);
    }

    /// <summary>The next secret; the one before is wiped, unless it is this ratchet's own.</summary>
    [return: NotNullIfNotNull(nameof(next))]
    private Secret? Follow(Secret secret, Secret? next)
    {
        if (secret != Secret)
            secret.Dispose();
        return next;
    }
}

/// <summary>A step along a ratchet that is not taken yet: the key, and the ratchet before and after.</summary>
internal sealed class HashRatchetStep(MessageKey key, HashRatchet before, HashRatchet after, bool derivedKey)
{
    /// <summary>The key of the generation.</summary>
    public MessageKey Key { get; } = key;

    public HashRatchet After { get; } = after;

    /// <summary>Takes the step: wipes what it spends, the key included.</summary>
    public void Take()
    {
        Key.Dispose();
        if (before.Secret != After.Secret)
            before.Secret?.Dispose();
        foreach (var forgotten in before.Skipped.Except(After.Skipped))
            forgotten.Dispose();
    }

    /// <summary>Does not take the step: wipes what was derived for it.</summary>
    public void Drop()
    {
        if (derivedKey)
            Key.Dispose();
        if (before.Secret != After.Secret)
            After.Secret?.Dispose();
        foreach (var derived in After.Skipped.Except(before.Skipped))
            derived.Dispose();
    }
}
