using System.Collections.Concurrent;
using Sotto.Client.Conversations;
using Sotto.Client.Sending;
using Sotto.Wire;

namespace Sotto.Client.Relays;

/// <summary>What everything that is done on one connection works with.</summary>
internal sealed record RelayLink(ClientState State, Bytes16 Fingerprint, IRelay Relay, IMailboxStream Stream, Contents Contents, Reports Reports)
{
    public Subscriptions Subscriptions { get; } = new();

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
