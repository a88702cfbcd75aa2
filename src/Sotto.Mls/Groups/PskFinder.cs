using Sotto.Mls.Schedule;

namespace Sotto.Mls.Groups;

/// <summary>Finds the pre-shared keys that proposals or a Welcome name (RFC 9420 §8.4).</summary>
/// <param name="options">Where the application's keys come from.</param>
/// <param name="ownResumption">Finds the resumption PSK of an epoch of the group itself; the result is disposed here.</param>
internal sealed class PskFinder(MlsClientOptions options, Func<ResumptionPskId, Secret?> ownResumption)
{
    /// <summary>All of them in order. The caller disposes the result.</summary>
    /// <exception cref="MlsException">One is not there.</exception>
    public PreSharedKeyList Find(IEnumerable<PreSharedKeyId> ids)
    {
        var found = new List<PreSharedKey>();
        foreach (var id in ids)
        {
            if (Find(id) is { } key)
            {
                found.Add(new PreSharedKey(id, key));
                continue;
            }

            new PreSharedKeyList(found).Dispose();
            throw new MlsException(MlsRule.PskAvailable);
        }

        return new PreSharedKeyList(found);
    }

    private Secret? Find(PreSharedKeyId id) => id switch
    {
        ExternalPskId external => options.PreSharedKeys.FindExternal(external.Id),
        ResumptionPskId resumption => ownResumption(resumption) ?? options.PreSharedKeys.FindResumption(resumption.Group, resumption.Epoch),
        _ => null,
    };
}

/// <summary>Pre-shared keys that are wiped together.</summary>
internal sealed class PreSharedKeyList(IReadOnlyList<PreSharedKey> keys) : IDisposable
{
    public IReadOnlyList<PreSharedKey> Keys { get; } = keys;

    public void Dispose()
    {
        foreach (var key in Keys)
            key.Key.Dispose();
    }
}
