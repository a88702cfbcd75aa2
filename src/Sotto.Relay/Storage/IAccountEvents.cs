namespace Sotto.Relay.Storage;

/// <summary>Told by a store what became durable, on the store's own thread: be short.</summary>
public interface IAccountEvents
{
    /// <summary>A device's key packages ran low: fewer than a quarter of the limit are left, or the last-resort one was given away.</summary>
    void KeyPackagesRanLow();
}
