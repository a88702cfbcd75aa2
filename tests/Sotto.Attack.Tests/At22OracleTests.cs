using System.Security.Cryptography;
using System.Text;
using Sotto.Crypto.Native;
using Sotto.Direct.Tokens;

namespace Sotto.Attack.Tests;

/// <summary>AT-22: a padding oracle against the token. The attacker sees only how each changed token is refused.</summary>
public sealed class At22OracleTests
{
    private static readonly NativeCryptoProvider Crypto = new();
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    [Fact]
    public void No_answer_tells_the_attacker_anything_about_the_plaintext()
    {
        var recovered = RecoverLastBlock("attack at dawn, 0600 hours");
        AttackReport.Add("AT-22", "padding oracle on a token", $"rejected: {recovered.Length} bytes recovered, every changed token refused alike");
        Assert.Empty(recovered);
    }

#if DEFENCES
    [Fact]
    public void Control_without_the_mac_first_the_last_block_is_read_byte_by_byte()
    {
        using var off = Sotto.Direct.Defences.SwitchOff(Sotto.Direct.Defence.MacBeforeDecrypt);
        var recovered = RecoverLastBlock("attack at dawn, 0600 hours");
        AttackReport.Add("AT-22", "padding oracle, control without MacBeforeDecrypt", $"succeeds: {recovered.Length} bytes recovered");
        Assert.StartsWith(" 0600 hours"[1..], Encoding.UTF8.GetString(recovered), StringComparison.Ordinal);
    }
#endif

    /// <summary>Vaudenay's attack on the last block: change the block before it until the padding is right.</summary>
    private static byte[] RecoverLastBlock(string text)
    {
        var token = new byte[FernetToken.EncodedLength(text.Length)];
        FernetToken.Encrypt(Crypto, Key, 1_700_000_000, Encoding.UTF8.GetBytes(text), token);
        var body = Convert.FromBase64String(Encoding.ASCII.GetString(token).Replace('-', '+').Replace('_', '/'));
        var previous = body.Length - 32 - 32;
        var intermediate = new byte[16];
        for (var position = 15; position >= 0; position--)
        {
            var padding = (byte)(16 - position);
            var found = Enumerable.Range(0, 256).Where(guess => PaddingIsRight(Forged(body, previous, position, (byte)guess, padding, intermediate))).ToList();
            // Without a difference between the answers there is nothing to choose by.
            if (found.Count is 0 or 256)
                return [];
            intermediate[position] = (byte)(found.Find(guess => position != 15 || guess != body[previous + 15] || found.Count == 1) ^ padding);
        }

        return [.. intermediate.Select((value, i) => (byte)(value ^ body[previous + i]))];
    }

    private static byte[] Forged(byte[] body, int previous, int position, byte guess, byte padding, byte[] intermediate)
    {
        var forged = body.ToArray();
        for (var i = position + 1; i < 16; i++)
            forged[previous + i] = (byte)(intermediate[i] ^ padding);
        forged[previous + position] = guess;
        return forged;
    }

    /// <summary>What the attacker can tell from the answer: true when it differs from "the padding is wrong".</summary>
    private static bool PaddingIsRight(byte[] body)
    {
        var token = Encoding.ASCII.GetBytes(Convert.ToBase64String(body).Replace('+', '-').Replace('/', '_'));
        try
        {
            FernetToken.TryDecrypt(Crypto, Key, token, new byte[FernetToken.MaxPlaintextLength(token.Length)], out _, out _);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
