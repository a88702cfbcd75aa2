using System.Collections.Concurrent;
using Sotto.Client.Conversations;
using Sotto.Client.Sending;
using Sotto.Wire;

namespace Sotto.Client.Relays;

/// <summary>What everything that is done on one connection works with.</summary>
internal sealed record RelayLink(ClientState State, Bytes16 Fingerprint, IRelay Relay, IMailboxStream Stream, Contents Contents, Reports Reports)
{
    public Subscriptions Subscriptions { get; } = new();

    /// <summary>Whether this connection is to end, so that a channel is looked at anew.</summary>
    public bool MustReopen { get; set; }

    /// <summary>What is tried again later; it outlives the connection.</summary>
    public required Pauses Pauses { get; init; }

    /// <summary>Does something for one conversation or join unless it is too early, and puts it off when the relay refuses.</summary>
    public async Task TryAsync(Bytes32 what, Func<Task> work)
    {
        if (Pauses.Until(what) is { } later)
        {
            WakeAt(later);
            return;
        }

        try
        {
            await work().ConfigureAwait(false);
            Pauses.End(what);
        }
        catch (Exception refused) when (refused is RelayRefusedException or ClientException { Failure: ClientFailure.IdentityRefused or ClientFailure.RelayBusy or ClientFailure.InviteUnknown })
        {
            WakeAt(Pauses.Begin(what));
        }
    }

    /// <summary>Lets the session look again at what is to be done.</summary>
    public required Action Wake { get; init; }

    /// <summary>The same at a time.</summary>
    public required Action<DateTimeOffset> WakeAt { get; init; }
}

/// <summary>Who gets what is pushed to which subscription of a connection. A push may come before the answer that names it was read.</summary>
internal sealed class Subscriptions
{
    private readonly ConcurrentDictionary<uint, TaskCompletionSource<Subscriber>> _waiting = [];

    public void Add(uint subscription, Subscriber subscriber) => Target(subscription).TrySetResult(subscriber);

    public Task<Subscriber> FindAsync(uint subscription, CancellationToken cancellationToken) => Target(subscription).Task.WaitAsync(cancellationToken);

    /// <summary>Nobody waits any longer.</summary>
    public void Cancel()
    {
        foreach (var waiting in _waiting.Values)
            waiting.TrySetCanceled(CancellationToken.None);
    }

    private TaskCompletionSource<Subscriber> Target(uint subscription) =>
        _waiting.GetOrAdd(subscription, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}

/// <summary>Who gets what is pushed: a conversation, or one of the two below.</summary>
internal sealed class Subscriber(ConversationState? conversation)
{
    public static Subscriber Intro { get; } = new(null);

    /// <summary>What comes is not read and not acknowledged.</summary>
    public static Subscriber Nobody { get; } = new(null);

    public ConversationState? Conversation { get; } = conversation;
}
