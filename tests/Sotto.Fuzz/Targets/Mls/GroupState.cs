using System.Security.Cryptography;
using Sotto.Mls.Groups;
using Sotto.Mls.Presentation;
using Sotto.Mls.State;

namespace Sotto.Fuzz.Targets.Mls;

/// <summary>Everything that a group holds, to be compared before and after.</summary>
internal static class GroupState
{
    public static string HashOf(MlsGroup group)
    {
        using var state = group.ExportState();
        return HashOf(state.Saved);
    }

    /// <summary>The hash that the group must have once the change is merged.</summary>
    public static string HashAfter(MlsGroup group, StateChange change)
    {
        using var state = group.ExportState();
        var records = state.Saved.ToDictionary(record => record.Key);
        foreach (var key in change.Deleted)
            records.Remove(key);
        foreach (var record in change.Saved)
            records[record.Key] = record;
        return HashOf(records.Values);
    }

    private static string HashOf(IEnumerable<StateRecord> records)
    {
        var writer = new TlsWriter(8192);
        foreach (var record in records.OrderBy(record => record.Key.Kind).ThenBy(record => record.Key.Epoch).ThenBy(record => record.Key.Index))
        {
            record.Key.Write(writer);
            writer.WriteVector(record.Value);
        }

        return Convert.ToHexString(SHA256.HashData(writer.Written));
    }
}
