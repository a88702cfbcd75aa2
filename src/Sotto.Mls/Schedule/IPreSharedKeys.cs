namespace Sotto.Mls.Schedule;

/// <summary>Where pre-shared keys come from (RFC 9420 §8.4).</summary>
public interface IPreSharedKeys
{
    /// <summary>An external key by its name; null when it is not there.</summary>
    /// <returns>A secret that the library disposes.</returns>
    Secret? FindExternal(ReadOnlyMemory<byte> id);

    /// <summary>
    /// The resumption PSK of an epoch of another group; null when it is not there. A group's own are found without asking.
    /// </summary>
    /// <returns>A secret that the library disposes.</returns>
    Secret? FindResumption(GroupId group, Epoch epoch);
}

/// <summary>No pre-shared keys.</summary>
public sealed class NoPreSharedKeys : IPreSharedKeys
{
    /// <summary>The one instance.</summary>
    public static NoPreSharedKeys Instance { get; } = new();

    /// <inheritdoc/>
    public Secret? FindExternal(ReadOnlyMemory<byte> id) => null;

    /// <inheritdoc/>
    public Secret? FindResumption(GroupId group, Epoch epoch) => null;
}
