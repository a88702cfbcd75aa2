namespace Sotto.Mls.Tests.Rules;

/// <summary>
/// Rules that cannot be switched off, and why: where they are broken there is nothing to go on with, so that the library
/// throws whatever the switches say. Every other rule has a negative control.
/// </summary>
internal static class RulesWithoutControl
{
    private const string NothingThere = "the value that it asks for is not there, and no other can take its place";
    private const string NotReadable = "what follows a number of unknown meaning cannot be read";
    private const string NotOpened = "there is no plaintext";
    private const string NotAKey = "the primitive refuses the key itself";

    public static IReadOnlyDictionary<MlsRule, string> Reasons { get; } = new Dictionary<MlsRule, string>
    {
        [MlsRule.Truncated] = NothingThere,
        [MlsRule.VectorLengthPrefix] = NotReadable,
        [MlsRule.KnownWireFormat] = NotReadable,
        [MlsRule.KnownContentType] = NotReadable,
        [MlsRule.KnownSenderType] = NotReadable,
        [MlsRule.KnownLeafNodeSource] = NotReadable,
        [MlsRule.KnownPskType] = NotReadable,
        [MlsRule.KnownProposalOrRefType] = NotReadable,
        [MlsRule.NodeTypeFitsPlace] = NotReadable,
        [MlsRule.SenderLeafOccupied] = NothingThere,
        [MlsRule.ExternalSenderIndex] = NothingThere,
        [MlsRule.GenerationUnspent] = NothingThere,
        [MlsRule.GroupInfoSigner] = NothingThere,
        [MlsRule.TreePresent] = NothingThere,
        [MlsRule.PskAvailable] = NothingThere,
        [MlsRule.WelcomeForOwnKeyPackage] = NothingThere,
        [MlsRule.OwnLeafInTree] = NothingThere,
        [MlsRule.LinkedGroupKnown] = NothingThere,
        [MlsRule.ReInitExpected] = NothingThere,
        [MlsRule.ExternalPubPresent] = NothingThere,
        [MlsRule.SelfRemoveMessage] = NothingThere,
        [MlsRule.ProposalKnown] = NothingThere,
        [MlsRule.SuiteSupported] = NothingThere,
        [MlsRule.UnmergedLeafBelow] = NothingThere,
        [MlsRule.PathLength] = NothingThere,
        [MlsRule.SenderDataOpens] = NotOpened,
        [MlsRule.CiphertextOpens] = NotOpened,
        [MlsRule.PathSecretOpens] = NotOpened,
        [MlsRule.PathSecretLength] = "the key derivation is defined for this length only",
        [MlsRule.WelcomeSecretsOpen] = NotOpened,
        [MlsRule.WelcomeInfoOpens] = NotOpened,
        [MlsRule.ExternalInitOpens] = NotOpened,
        [MlsRule.UsableEncryptionKey] = NotAKey,
        [MlsRule.UsableInitKey] = NotAKey,
        [MlsRule.UsablePathKey] = NotAKey,
        [MlsRule.UsableExternalPub] = NotAKey,
        [MlsRule.StoredFormat] = NothingThere,
    };
}
