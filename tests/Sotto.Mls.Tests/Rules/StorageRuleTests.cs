using System.Buffers.Binary;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.State;

namespace Sotto.Mls.Tests.Rules;

/// <summary>Stored records and KeyPackages that are not what this library stored.</summary>
public sealed class StorageRuleTests : RuleTest
{
    [Theory]
    [InlineData(StateKind.Group)]
    [InlineData(StateKind.Node)]
    [InlineData(StateKind.SecretNode)]
    [InlineData(StateKind.PastEpoch)]
    [InlineData(StateKind.ResumptionPsk)]
    [Trait("Rule", nameof(MlsRule.StoredFormat))]
    public void A_record_of_another_format_is_refused(StateKind kind)
    {
        Bob.Receive<Mls.Groups.ReceivedCommit>(Alice.Commit().Commit);
        using var state = Bob.Group.ExportState();
        foreach (var record in state.Saved.Where(record => record.Key.Kind == kind))
            record.Value[0] = 2;
        Refused(MlsRule.StoredFormat, () => Bob.Client.Load(state.Saved).Dispose(), unchanged: Bob);
        foreach (var record in state.Saved)
            record.Value[0] = 1;
        Bob.Client.Load(state.Saved).Dispose();
    }

    [Theory]
    [InlineData("everything")]
    [InlineData("the own leaf")]
    [InlineData("another leaf")]
    [Trait("Rule", nameof(MlsRule.StoredFormat))]
    public void Records_of_which_some_are_missing_are_refused(string missing)
    {
        using var state = Bob.Group.ExportState();
        var node = missing == "another leaf" ? 0u : 2u;
        var left = missing == "everything" ? [] : state.Saved.Where(record => record.Key != new StateKey(StateKind.Node, 0, node));
        Refused(MlsRule.StoredFormat, () => Bob.Client.Load(left).Dispose(), unchanged: Bob);
    }

    [Theory]
    [InlineData(StateKind.Group)]
    [InlineData(StateKind.Ratchet)]
    [InlineData(StateKind.SecretNode)]
    [Trait("Rule", nameof(MlsRule.Truncated))]
    public void A_record_that_ends_too_early_is_refused(StateKind kind)
    {
        // A message out of turn, so that a key of a generation that was jumped over is stored too.
        Alice.Say("lost");
        Bob.Read(Alice.Say("hello"));
        using var state = Bob.Group.ExportState();
        var cut = state.Saved.Select(record => record.Key.Kind == kind ? record with { Value = record.Value[..^1] } : record).ToList();
        Refused(MlsRule.Truncated, () => Bob.Client.Load(cut).Dispose(), unchanged: Bob);
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.StoredFormat))]
    public void A_group_of_an_unknown_status_is_refused()
    {
        using var state = Bob.Group.ExportState();
        state.Saved.Single(record => record.Key.Kind == StateKind.Group).Value[3] = 9;
        Refused(MlsRule.StoredFormat, () => Bob.Client.Load(state.Saved).Dispose(), unchanged: Bob);
    }

    [Theory]
    [InlineData(StateKind.Group, 8, 0u)]
    [InlineData(StateKind.Group, 8, 3u)]
    [InlineData(StateKind.Group, 8, 1u << 31)]
    [InlineData(StateKind.Group, 8, uint.MaxValue)]
    [InlineData(StateKind.PastEpoch, 1, 3u)]
    [InlineData(StateKind.PastEpoch, 1, uint.MaxValue)]
    [Trait("Rule", nameof(MlsRule.StoredFormat))]
    public void A_tree_of_a_width_that_no_tree_has_is_refused(StateKind kind, int at, uint width)
    {
        Bob.Receive<Mls.Groups.ReceivedCommit>(Alice.Commit().Commit);
        using var state = Bob.Group.ExportState();
        var place = state.Saved.Where(record => record.Key.Kind == kind).MaxBy(record => record.Key.Epoch)!.Value.AsSpan(at, 4);
        Assert.Equal(4u, BinaryPrimitives.ReadUInt32BigEndian(place));
        BinaryPrimitives.WriteUInt32BigEndian(place, width);
        Refused(MlsRule.StoredFormat, () => Bob.Client.Load(state.Saved).Dispose(), unchanged: Bob);
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.StoredFormat))]
    public void A_stored_KeyPackage_of_another_format_is_refused()
    {
        var stored = KeyPackageOf(New("Dave")).Encode();
        stored[0] = 2;
        Refused(MlsRule.StoredFormat, () => KeyPackageKeys.Decode(stored).Dispose());
        stored[0] = 1;
        KeyPackageKeys.Decode(stored).Dispose();
    }
}
