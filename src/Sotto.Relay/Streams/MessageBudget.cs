namespace Sotto.Relay.Streams;

/// <summary>
/// How much memory all connections together may hold for messages that have not arrived whole. The first buffer of a connection
/// does not count: few messages are larger.
/// </summary>
/// <param name="most">Bytes.</param>
internal sealed class MessageBudget(long most)
{
    private long _taken;

    /// <summary>Bytes that are taken.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Takes bytes, if they are left.</summary>
    public bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= most)
            return true;
        Interlocked.Add(ref _taken, -bytes);
        return false;
    }

    /// <summary>Gives bytes back.</summary>
    public void Return(int bytes) => Interlocked.Add(ref _taken, -bytes);
}
