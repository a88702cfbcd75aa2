using System.Security.Cryptography;
using Sotto.Crypto;
using Sotto.Direct.Tokens;
using Sotto.Direct.Wire;

namespace Sotto.Direct.Links;

/// <summary>
/// Seals messages: <c>uint64 counter | uint8 type | uint32 length | body | zeros</c> up to a padded size, as one Fernet token
/// under the chain's next key. Used by one thread at a time; owns its chain.
/// </summary>
internal sealed class SendingChannel(ICryptoProvider crypto, TimeProvider time, MessageChain chain) : IDisposable
{
    private readonly byte[] _plaintext = GC.AllocateArray<byte>(Message.MaxPlaintext, pinned: true);
    private MessageChain _chain = chain;

    /// <summary>Messages sealed since the last exchange.</summary>
    public ulong Count => _chain.Counter;

    /// <summary>Where a body may be put together before <see cref="Seal(MessageType, int, FrameWriter)"/>.</summary>
    public Span<byte> Body => _plaintext.AsSpan(Message.HeaderLength);

    public void Seal(MessageType type, ReadOnlySpan<byte> body, FrameWriter frames)
    {
        body.CopyTo(Body);
        Seal(type, body.Length, frames);
    }

    /// <summary>Seals what stands in <see cref="Body"/>.</summary>
    public void Seal(MessageType type, int bodyLength, FrameWriter frames)
    {
        var length = Message.HeaderLength + bodyLength;
        var padded = _plaintext.AsSpan(0, PaddedSize.Of(length));
        var header = new WireWriter(padded);
        header.UInt64(_chain.Counter);
        header.Byte((byte)type);
        header.UInt32((uint)bodyLength);
        padded[length..].Clear();

        Span<byte> key = stackalloc byte[32];
        _chain.NextKey(key);
        var token = frames.Add(FrameType.Token, FernetToken.EncodedLength(padded.Length));
        FernetToken.Encrypt(crypto, key, time.GetUtcNow().ToUnixTimeSeconds(), padded, token);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>Goes on under new keys; the old chain is destroyed.</summary>
    public void SwitchTo(MessageChain next)
    {
        _chain.Dispose();
        _chain = next;
    }

    public void Dispose()
    {
        _chain.Dispose();
        CryptographicOperations.ZeroMemory(_plaintext);
    }
}
