#if DEFENCES
namespace Sotto.Direct;

/// <summary>
/// What a negative control can switch off, to show that an attack succeeds without it. Exists in the Defences
/// configuration only; an architecture test shows that released assemblies hold none of it.
/// </summary>
[Flags]
public enum Defence
{
    /// <summary>Nothing is off.</summary>
    None = 0,

    /// <summary>The joiner checks that the host opens what it committed to.</summary>
    NonceCommitment = 1,

    /// <summary>Each message has a key of its own.</summary>
    KeyPerMessage = 2,

    /// <summary>The counter inside a message must be the expected one.</summary>
    Counter = 4,

    /// <summary>Each direction has keys of its own.</summary>
    KeyPerDirection = 8,

    /// <summary>Each connection and exchange has keys of its own.</summary>
    KeyPerExchange = 16,

    /// <summary>A token's MAC is checked before it is decrypted, and every failure looks alike.</summary>
    MacBeforeDecrypt = 32,

    /// <summary>Signatures over the transcript are checked.</summary>
    SignedTranscript = 64,

    /// <summary>Finished messages are keyed by the invite's secret.</summary>
    InviteKey = 128,
}

/// <summary>The switches of <see cref="Defence"/>, per flow of execution.</summary>
public static class Defences
{
    private static readonly AsyncLocal<Defence> Off = new();

    /// <summary>Whether a defence is switched off here.</summary>
    public static bool IsOff(this Defence defence) => (Off.Value & defence) != 0;

    /// <summary>Switches defences off in this flow until the result is disposed.</summary>
    public static IDisposable SwitchOff(Defence defences)
    {
        var before = Off.Value;
        Off.Value = before | defences;
        return new Restore(before);
    }

    private sealed class Restore(Defence before) : IDisposable
    {
        public void Dispose() => Off.Value = before;
    }
}
#endif
