using System.Security.Cryptography;
using Sotto.Crypto;
using Sotto.Direct.Tokens;
using Sotto.Direct.Wire;

namespace Sotto.Direct.Links;

/// <summary>Opens messages in the order in which they were sealed. Used by one thread at a time; owns its chain.</summary>
internal sealed class ReceivingChannel(ICryptoProvider crypto, MessageChain chain) : IDisposable
{
    public static readonly int MaxToken = FernetToken.EncodedLength(Message.MaxPlaintext);

    private readonly byte[] _plaintext = GC.AllocateArray<byte>(Message.MaxPlaintext + 64, pinned: true);
    private MessageChain _chain = chain;

    /// <summary>Messages opened since the last exchange.</summary>
    public ulong Count => _chain.Counter;

    /// <summary>Opens the next message.</summary>
    /// <exception cref="DirectException">The same for every reason that a token can have.</exception>
    public Message Open(ReadOnlySpan<byte> token)
    {
        var expected = _chain.Counter;
        Span<byte> key = stackalloc byte[32];
        _chain.NextKey(key);
        long sentAt = 0;
        var opened = token.Length <= MaxToken
            && FernetToken.TryDecrypt(crypto, key, token, _plaintext, out var written, out sentAt)
            && written <= Message.MaxPlaintext
            ? _plaintext.AsSpan(0, written)
            : default;
        CryptographicOperations.ZeroMemory(key);
        return Checked(opened, expected, sentAt);
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

    private static Message Checked(ReadOnlySpan<byte> plaintext, ulong expected, long sentAt)
    {
        var reader = new WireReader(plaintext);
        var counter = reader.UInt64();
        var type = (MessageType)reader.Byte();
        var length = reader.UInt32();
        var body = length <= Message.MaxBody ? reader.Bytes((int)length) : default;
        var padding = reader.Rest();
        var whole = reader.AtEnd
            && length <= Message.MaxBody
            && plaintext.Length == PaddedSize.Of(Message.HeaderLength + (int)length)
            && !padding.ContainsAnyExcept((byte)0);
        return whole && IsExpected(counter, expected) ? new(type, body, sentAt) : throw DirectException.Token();
    }

    private static bool IsExpected(ulong counter, ulong expected)
    {
#if DEFENCES
        if (Defence.Counter.IsOff())
            return true;
#endif
        return counter == expected;
    }
}
