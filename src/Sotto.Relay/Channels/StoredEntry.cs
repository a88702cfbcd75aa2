namespace Sotto.Relay.Channels;

/// <summary>An entry as it lies in a channel and goes to readers.</summary>
/// <param name="Sequence">Its place in the channel, from 1.</param>
/// <param name="Bytes">A serialised <see cref="Wire.Stream.Entry"/>, sequence included. Not to be changed.</param>
public readonly record struct StoredEntry(ulong Sequence, byte[] Bytes);

/// <summary>The store's own name for a channel in this file: random, so that it says nothing about when it was made.</summary>
/// <param name="Value">Above 0.</param>
public readonly record struct ChannelKey(long Value);

/// <summary>A mailbox that a read capability opened.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Acknowledged">The last sequence acknowledged.</param>
/// <param name="Head">The last sequence of the channel.</param>
/// <param name="FirstSequence">The first one that is still there, or head plus one.</param>
/// <param name="Number">The channel's handshake number.</param>
/// <param name="DroppedAt">Set when it was dropped: the last sequence it may read.</param>
/// <param name="Note">64 bytes, or null.</param>
public sealed record OpenedMailbox(ChannelKey Channel, ulong Acknowledged, ulong Head, ulong FirstSequence, ulong Number, ulong? DroppedAt, byte[]? Note);

/// <summary>Entries of a channel in order.</summary>
/// <param name="Entries">Without gaps; empty when there is nothing after the place asked for.</param>
/// <param name="FirstSequence">The first sequence that is still there when it is above the one asked for, otherwise 0.</param>
public readonly record struct EntryPage(IReadOnlyList<StoredEntry> Entries, ulong FirstSequence);
