using Sotto.Mls.Framing;

namespace Sotto.Fuzz.Targets.Mls;

/// <summary>What the corpora of the MLS targets began with.</summary>
internal static class MlsSeeds
{
    private static readonly byte[] _lengths = [0x00, 0x3F, 0x40, 0x7F, 0x80, 0xBF, 0xC0, 0xFF];

    public static IEnumerable<(string Name, byte[] Input)> Messages()
    {
        var messages = MlsGroupTarget.Messages.DistinctBy(message => (message.Encoded[3], message.Type, message.Encoded.Length)).ToList();
        foreach (var (index, message) in messages.Index())
            yield return ($"group-message-{index}", message.Encoded);
        byte[] keyPackage = MlsMessage.Of(MlsScene.Instance.OutsiderKeys.KeyPackage).Encoded.ToArray();
        var others = new (string Name, byte[] Input)[]
        {
            ("key-package", keyPackage), ("welcome", [0, 1, 0, 3, .. WelcomeTarget.TrueWelcome]), ("group-info", [0, 1, 0, 4, .. GroupInfoTarget.True]),
        };
        foreach (var other in others)
        {
            yield return other;
            yield return ($"{other.Name}-cut", other.Input[..^1]);
            yield return ($"{other.Name}-more", [.. other.Input, 0]);
        }

        foreach (var format in Enumerable.Range(0, 7))
            yield return ($"format-{format}-longest", [0, 1, 0, (byte)format, 0xBF, 0xFF, 0xFF, 0xFF]);
        yield return ("empty", []);
    }

    public static IEnumerable<(string Name, byte[] Input)> KeyPackages()
    {
        var truth = MlsScene.Instance.OutsiderKeys.KeyPackage;
        return
        [
            ("raw", [(byte)KeyPackageTarget.Kind.Raw, .. truth.Encoded.Span]),
            .. PatchesOver("patched", [(byte)KeyPackageTarget.Kind.Patched], truth.Encoded.Length),
            .. PatchesOver("leaf", [(byte)KeyPackageTarget.Kind.LeafFields], truth.LeafNode.Encoded.Length),
            .. PatchesOver("fields", [(byte)KeyPackageTarget.Kind.Fields], truth.Encoded.Length),
        ];
    }

    public static IEnumerable<(string Name, byte[] Input)> Welcomes()
    {
        var (secrets, info, fields) = WelcomeTarget.Lengths;
        return
        [
            ("raw", [(byte)WelcomeTarget.Kind.Raw, .. WelcomeTarget.TrueWelcome]),
            .. PatchesOver("patched", [(byte)WelcomeTarget.Kind.Patched], 200),
            .. PatchesOver("secrets", [(byte)WelcomeTarget.Kind.Secrets], secrets),
            .. PatchesOver("info", [(byte)WelcomeTarget.Kind.Info], info),
            .. PatchesOver("fields", [(byte)WelcomeTarget.Kind.InfoFields], fields),
        ];
    }

    public static IEnumerable<(string Name, byte[] Input)> GroupInfos() =>
    [
        ("raw", [(byte)GroupInfoTarget.Kind.Raw, .. GroupInfoTarget.True]),
        .. PatchesOver("patched", [(byte)GroupInfoTarget.Kind.Patched], GroupInfoTarget.True.Length),
        .. PatchesOver("fields", [(byte)GroupInfoTarget.Kind.Fields], GroupInfoTarget.FieldsLength),
        .. PatchesOver("fields-hash", [(byte)GroupInfoTarget.Kind.FieldsAndHash], GroupInfoTarget.FieldsLength),
        ("last-epoch", [(byte)GroupInfoTarget.Kind.Fields, Patches.Replace, 0, 10, 8, .. Enumerable.Repeat((byte)0xFF, 8)]),
    ];

    public static IEnumerable<(string Name, byte[] Input)> Trees() =>
    [
        ("raw", [RatchetTreeTarget.Raw, .. RatchetTreeTarget.True]),
        .. PatchesOver("patched", [RatchetTreeTarget.Patched], RatchetTreeTarget.True.Length),
        .. PatchesOver("signed", [RatchetTreeTarget.SignedAgain], RatchetTreeTarget.True.Length),
        ("blanks", [RatchetTreeTarget.Raw, 0x4F, 0xFF, .. new byte[0xFFF]]),
    ];

    public static IEnumerable<(string Name, byte[] Input)> ProposalLists()
    {
        byte[] choices = [ProposalListTarget.Numbers, ProposalListTarget.Numbers | ProposalListTarget.WithPath | ProposalListTarget.IsPublic];
        foreach (var number in Enumerable.Range(1, ProposalListTarget.Proposals))
        {
            yield return ($"one-{number}", [choices[number % 2], (byte)number, 0]);
            yield return ($"two-{number}", [choices[(number + 1) % 2], (byte)number, (byte)(1 + (number * 7 % ProposalListTarget.Proposals)), 0]);
        }

        yield return ("none", [ProposalListTarget.Numbers, 0]);
        yield return ("all", [ProposalListTarget.Numbers, .. Enumerable.Range(1, ProposalListTarget.Proposals).Select(number => (byte)number), 0]);
        yield return ("many-removals", [0, .. Enumerable.Range(0, 500).SelectMany(leaf => new byte[] { 1, 0, 3, 0, 0, (byte)(leaf >> 8), (byte)leaf })]);
        yield return ("many-references", [0, .. Enumerable.Repeat<byte[]>([2, 0], 500).SelectMany(reference => reference)]);
    }

    public static IEnumerable<(string Name, byte[] Input)> GroupMessages()
    {
        foreach (var (index, message) in MlsGroupTarget.Messages.Index())
        {
            yield return ($"true-{index}", [(byte)index, (byte)MlsGroupTarget.Kind.Patched]);
            yield return ($"bit-{index}", [(byte)index, (byte)MlsGroupTarget.Kind.Patched, Patches.Mask, 0, (byte)(index * 5), 1]);
            if (message.Content.Length == 0)
                continue;
            yield return ($"public-{index}", [(byte)index, (byte)MlsGroupTarget.Kind.PublicContent]);
            yield return ($"private-{index}", [(byte)index, (byte)MlsGroupTarget.Kind.PrivateContent]);
            yield return ($"plaintext-{index}", [(byte)index, (byte)MlsGroupTarget.Kind.Plaintext, 0, 0, 0]);
            yield return ($"padding-{index}", [(byte)index, (byte)MlsGroupTarget.Kind.Plaintext, 9, 0, 0, Patches.Insert, 0xFF, (byte)index, 2, 0, 0]);
        }
    }

    /// <summary>Patches at telling places of a structure: none, the first and last bytes, and lengths that are cut or too long.</summary>
    private static IEnumerable<(string Name, byte[] Input)> PatchesOver(string name, byte[] choice, int length)
    {
        yield return ($"{name}-true", choice);
        yield return ($"{name}-cut", [.. choice, Patches.Cut, (byte)((length - 1) >> 8), (byte)(length - 1)]);
        yield return ($"{name}-more", [.. choice, Patches.Insert, (byte)(length >> 8), (byte)length, 1, 0]);
        foreach (var (index, value) in _lengths.Index())
        {
            var place = index * (length - 1) / _lengths.Length;
            yield return ($"{name}-byte-{value:x2}", [.. choice, Patches.Replace, (byte)(place >> 8), (byte)place, 1, value]);
            yield return ($"{name}-gone-{index}", [.. choice, Patches.Remove, (byte)(place >> 8), (byte)place, 3]);
        }
    }
}
