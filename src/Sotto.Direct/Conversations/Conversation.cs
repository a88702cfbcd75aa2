using System.Threading.Channels;
using Sotto.Crypto;
using Sotto.Direct.Files;

namespace Sotto.Direct.Conversations;

/// <summary>
/// What stands above connections and exchanges: the lines in both directions with their numbers, the files, and who is
/// done. It outlives every connection; at most one <see cref="ConversationRun"/> works on it at a time.
/// </summary>
internal sealed class Conversation : IDisposable
{
    public const int IdLength = 16;

    private readonly ICryptoProvider _crypto;
    private long _shown;
    private volatile bool _localDone;
    private volatile bool _leaving;

    public Conversation(ICryptoProvider crypto, ChannelWriter<DirectEvent> events, bool endsWithPeer)
    {
        (_crypto, Events, EndsWithPeer) = (crypto, events, endsWithPeer);
        Files = new FileTransfers(this);
        Id = NewId();
    }

    public LineOutbox Outbox { get; } = new();

    public FileTransfers Files { get; }

    public ChannelWriter<DirectEvent> Events { get; }

    /// <summary>Wakes the sending loop.</summary>
    public Signal Wake { get; } = new();

    /// <summary>Wakes the receiving loop when it waits for lines to be shown.</summary>
    public Signal LinesWereShown { get; } = new();

    /// <summary>Random, made by the host; the joiner learns it at the first connection.</summary>
    public byte[] Id { get; private set; }

    public DirectPeer? Peer { get; set; }

    /// <summary>When the peer has no more to say, this side is done too: somebody at a keyboard, or a host that stays.</summary>
    public bool EndsWithPeer { get; }

    /// <summary>The last line that came in, shown or not.</summary>
    public long Received { get; set; }

    /// <summary>The last line that was shown.</summary>
    public long Shown => Interlocked.Read(ref _shown);

    /// <summary>The last line that the peer announced, once it has said that there will be no more.</summary>
    public long? PeerLast { get; set; }

    public bool LocalDone => _localDone;

    public bool Leaving => _leaving;

    public bool PeerLeaving { get; set; }

    /// <summary>Both sides said goodbye.</summary>
    public bool EndedPolitely { get; set; }

    /// <summary>Nothing of either side is on its way any more, and no file either.</summary>
    public bool IsSettled => Outbox.Unconfirmed == 0 && Shown == Received && !Files.Active;

    public bool PeerIsDone => PeerLast is { } last && Received >= last;

    /// <summary>It is time to say goodbye, as soon as everything is settled.</summary>
    public bool WantsToEnd => _leaving || PeerLeaving || (PeerIsDone && (_localDone || EndsWithPeer));

    public async ValueTask<long> SendAsync(ReadOnlyMemory<byte> text, LineShape shape, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_leaving || _localDone || PeerLeaving, this);
        var number = await Outbox.AddAsync(text, shape, cancellationToken).ConfigureAwait(false);
        Wake.Set();
        return number;
    }

    /// <summary>The line was shown. Numbers only rise.</summary>
    public void Acknowledge(long number)
    {
        var seen = Interlocked.Read(ref _shown);
        while (number > seen && number <= Received)
        {
            var found = Interlocked.CompareExchange(ref _shown, number, seen);
            if (found == seen)
                break;
            seen = found;
        }

        LinesWereShown.Set();
        Wake.Set();
    }

    public void CompleteSending()
    {
        _localDone = true;
        Wake.Set();
    }

    public void Leave()
    {
        _leaving = true;
        Files.CancelAll("the conversation ended");
        Wake.Set();
    }

    /// <summary>The peer does not know this conversation: a new one with the same outgoing lines.</summary>
    /// <returns>How many lines are sent again.</returns>
    public int StartAnew(ReadOnlySpan<byte> id)
    {
        Id = id.IsEmpty ? NewId() : id.ToArray();
        Received = 0;
        Interlocked.Exchange(ref _shown, 0);
        (PeerLast, PeerLeaving) = (null, false);
        Files.CancelAll("the other side started anew");
        return Outbox.Renumber();
    }

    /// <summary>The channel is unbounded: what fills it is bounded by the lines that wait to be shown.</summary>
    public void Publish(DirectEvent happened) => Events.TryWrite(happened);

    public void Dispose()
    {
        Files.Dispose();
        Outbox.Dispose();
    }

    private byte[] NewId()
    {
        var id = new byte[IdLength];
        _crypto.FillRandom(id);
        return id;
    }
}
