namespace Sotto.Fuzz.Targets.Relay;

/// <summary>What strangers send to a relay: messages of the mailbox plane, bodies of the account plane, signed records.</summary>
internal static class RelayTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("relay-frame", RelayFrameTarget.Run, RelayFrameSeeds.All),
        new("relay-body", RelayBodyTarget.Run, RelayBodySeeds.All),
        new("signed-record", SignedRecordTarget.Run, SignedRecordSeeds.All),
    ];
}
