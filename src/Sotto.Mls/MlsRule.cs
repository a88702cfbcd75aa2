namespace Sotto.Mls;

/// <summary>
/// Every rule for which input of others is refused. The name says what must hold. The conformance table in the documents
/// names for each the section that it comes from and the test that breaks it alone.
/// </summary>
public enum MlsRule
{
    // Presentation (§2.1)
    /// <summary>Every length and fixed field fits into what is there.</summary>
    [RuleSource("RFC 9420 §2.1")]
    Truncated,

    /// <summary>A structure ends where its input ends.</summary>
    [RuleSource("RFC 9420 §2.1")]
    TrailingBytes,

    /// <summary>The presence byte of an optional value is 0 or 1.</summary>
    [RuleSource("RFC 9420 §2.1.1")]
    OptionalPresence,

    /// <summary>The length of a vector does not begin with the bits 11.</summary>
    [RuleSource("RFC 9420 §2.1.2")]
    VectorLengthPrefix,

    /// <summary>The length of a vector takes as few bytes as it can.</summary>
    [RuleSource("RFC 9420 §2.1.2")]
    MinimalVectorLength,

    // Framing (§6)
    /// <summary>The version of a message is MLS 1.0.</summary>
    [RuleSource("RFC 9420 §6")]
    MessageVersion,

    /// <summary>The wire format of a message is one that is known.</summary>
    [RuleSource("RFC 9420 §6")]
    KnownWireFormat,

    /// <summary>The content type of a message is one that is known.</summary>
    [RuleSource("RFC 9420 §6")]
    KnownContentType,

    /// <summary>The sender type of a message is one that is known.</summary>
    [RuleSource("RFC 9420 §6")]
    KnownSenderType,

    /// <summary>What a group receives is a public or a private message.</summary>
    [RuleSource("RFC 9420 §6")]
    GroupMessage,

    /// <summary>A message is for the group that receives it.</summary>
    [RuleSource("RFC 9420 §6")]
    GroupIdMatches,

    /// <summary>A message is of the current epoch, or an application message of a past one that is kept.</summary>
    [RuleSource("RFC 9420 §6")]
    CurrentEpoch,

    /// <summary>Nothing is sent in a group after the commit that ended it by a ReInit.</summary>
    [RuleSource("RFC 9420 §12.4.2")]
    GroupNotReInitialised,

    /// <summary>Application data come in private messages only.</summary>
    [RuleSource("RFC 9420 §6")]
    ApplicationIsEncrypted,

    /// <summary>The sender's leaf is in the tree and not blank.</summary>
    [RuleSource("RFC 9420 §6.1")]
    SenderLeafOccupied,

    /// <summary>An external sender's index is in the group's list.</summary>
    [RuleSource("RFC 9420 §6.1")]
    ExternalSenderIndex,

    /// <summary>An external sender sends proposals only.</summary>
    [RuleSource("RFC 9420 §6.1")]
    ExternalSenderProposes,

    /// <summary>An external sender proposes only what external senders may.</summary>
    [RuleSource("RFC 9420 §12.1.8")]
    ExternalSenderProposalType,

    /// <summary>A client that is not a member proposes only to be added.</summary>
    [RuleSource("RFC 9420 §6.1")]
    NewMemberProposesAdd,

    /// <summary>A client that joins by a commit sends a commit.</summary>
    [RuleSource("RFC 9420 §6.1")]
    NewMemberCommits,

    /// <summary>The signature of a message is the sender's over content, framing and group context.</summary>
    [RuleSource("RFC 9420 §6.1")]
    MessageSignature,

    /// <summary>The membership tag of a member's public message is right, by content and length.</summary>
    [RuleSource("RFC 9420 §6.2")]
    MembershipTag,

    /// <summary>The sender data of a private message open under this epoch's secret.</summary>
    [RuleSource("RFC 9420 §6.3.2")]
    SenderDataOpens,

    /// <summary>The content of a private message opens under the sender's key.</summary>
    [RuleSource("RFC 9420 §6.3.1")]
    CiphertextOpens,

    /// <summary>The padding of a private message is zero.</summary>
    [RuleSource("RFC 9420 §6.3.1")]
    ZeroPadding,

    /// <summary>The key of a message was not used before.</summary>
    [RuleSource("RFC 9420 §9.2")]
    GenerationUnspent,

    /// <summary>A message does not jump further ahead than the limit.</summary>
    [RuleSource("RFC 9420 §15.3")]
    GenerationJump,

    /// <summary>A commit of this client's own leaf is its pending one.</summary>
    [RuleSource("RFC 9420 §12.4.2")]
    OwnCommitKnown,

    // Leaves and KeyPackages (§7, §10)
    /// <summary>The source of a leaf is one that is known.</summary>
    [RuleSource("RFC 9420 §7.2")]
    KnownLeafNodeSource,

    /// <summary>A leaf is signed by its own key, with group and place where it was made within a group.</summary>
    [RuleSource("RFC 9420 §7.3")]
    LeafSignature,

    /// <summary>A leaf's capabilities list MLS 1.0.</summary>
    [RuleSource("RFC 9420 §7.2")]
    LeafSupportsVersion,

    /// <summary>A leaf's capabilities list the type of its credential.</summary>
    [RuleSource("RFC 9420 §7.3")]
    LeafSupportsOwnCredential,

    /// <summary>A leaf's capabilities list the types of its extensions.</summary>
    [RuleSource("RFC 9420 §7.3")]
    LeafSupportsOwnExtensions,

    /// <summary>Every leaf supports what the group requires.</summary>
    [RuleSource("RFC 9420 §7.3")]
    RequiredCapabilitiesMet,

    /// <summary>Every leaf supports every extension of the group context.</summary>
    [RuleSource("RFC 9420 §13.4")]
    GroupExtensionsSupported,

    /// <summary>Every leaf supports every credential type in the group.</summary>
    [RuleSource("RFC 9420 §7.3")]
    CredentialTypesSupported,

    /// <summary>The lifetime of a KeyPackage's leaf is not longer than the limit.</summary>
    [RuleSource("RFC 9420 §7.2")]
    LifetimeLength,

    /// <summary>Who adds a member does so within its leaf's lifetime.</summary>
    [RuleSource("RFC 9420 §7.3")]
    LifetimeNow,

    /// <summary>The leaf of a KeyPackage says that it is of a KeyPackage.</summary>
    [RuleSource("RFC 9420 §7.3")]
    AddedLeafSource,

    /// <summary>The leaf of an Update says that it is of an Update.</summary>
    [RuleSource("RFC 9420 §7.3")]
    UpdateLeafSource,

    /// <summary>The leaf of a path says that it is of a commit.</summary>
    [RuleSource("RFC 9420 §7.3")]
    CommitLeafSource,

    /// <summary>An Update brings another encryption key than the leaf had.</summary>
    [RuleSource("RFC 9420 §7.3")]
    UpdateChangesKey,

    /// <summary>A path brings another encryption key than the committer's leaf had.</summary>
    [RuleSource("RFC 9420 §12.4.2")]
    CommitChangesKey,

    /// <summary>No two leaves have the same encryption key.</summary>
    [RuleSource("RFC 9420 §7.3")]
    UniqueEncryptionKeys,

    /// <summary>No two leaves have the same signature key.</summary>
    [RuleSource("RFC 9420 §7.3")]
    UniqueSignatureKeys,

    /// <summary>A leaf's encryption key is one that can be encrypted to.</summary>
    [RuleSource("RFC 9420 §5.1.1")]
    UsableEncryptionKey,

    /// <summary>The application accepts the credential of a client that is added.</summary>
    [RuleSource("RFC 9420 §5.3.1")]
    AddedCredential,

    /// <summary>The application accepts the credential of an Update as its predecessor's successor.</summary>
    [RuleSource("RFC 9420 §5.3.1")]
    UpdateCredential,

    /// <summary>The application accepts the credential of a path as its predecessor's successor.</summary>
    [RuleSource("RFC 9420 §5.3.1")]
    CommitCredential,

    /// <summary>The application accepts the credential of every member of a group that is joined.</summary>
    [RuleSource("RFC 9420 §5.3.1")]
    JoinedCredential,

    /// <summary>The application accepts every external sender that is new in a group.</summary>
    [RuleSource("RFC 9420 §5.3.1")]
    ExternalSenderCredential,

    /// <summary>The version of a KeyPackage is MLS 1.0, as its message says.</summary>
    [RuleSource("RFC 9420 §10")]
    KeyPackageVersion,

    /// <summary>The suite of a KeyPackage is the group's.</summary>
    [RuleSource("RFC 9420 §10.1")]
    KeyPackageSuite,

    /// <summary>A KeyPackage is signed by its leaf's key.</summary>
    [RuleSource("RFC 9420 §10.1")]
    KeyPackageSignature,

    /// <summary>The init key of a KeyPackage is another one than its leaf's encryption key.</summary>
    [RuleSource("RFC 9420 §10.1")]
    InitKeyDiffers,

    /// <summary>The init key of a KeyPackage is one that can be encrypted to.</summary>
    [RuleSource("RFC 9420 §10")]
    UsableInitKey,

    // Trees (§7)
    /// <summary>Leaves stand at even places of an encoded tree, parents at odd ones.</summary>
    [RuleSource("RFC 9420 §12.4.3.3")]
    NodeTypeFitsPlace,

    /// <summary>The last node of an encoded tree is not blank.</summary>
    [RuleSource("RFC 9420 §12.4.3.3")]
    NoTrailingBlanks,

    /// <summary>A tree does not have more leaves than the limit.</summary>
    [RuleSource("RFC 9420 §7.7")]
    TreeSize,

    /// <summary>The unmerged leaves of a parent are in rising order, each once.</summary>
    [RuleSource("RFC 9420 §7.1")]
    UnmergedLeavesSorted,

    /// <summary>An unmerged leaf stands below its parent.</summary>
    [RuleSource("RFC 9420 §12.4.3.1")]
    UnmergedLeafBelow,

    /// <summary>An unmerged leaf is not blank.</summary>
    [RuleSource("RFC 9420 §12.4.3.1")]
    UnmergedLeafOccupied,

    /// <summary>An unmerged leaf is unmerged in every parent between.</summary>
    [RuleSource("RFC 9420 §12.4.3.1")]
    UnmergedLeafBetween,

    /// <summary>The encryption key of a parent is in no other node.</summary>
    [RuleSource("RFC 9420 §12.4.3.1")]
    UniqueParentKeys,

    /// <summary>Every parent is covered by exactly one chain of parent hashes.</summary>
    [RuleSource("RFC 9420 §7.9.2")]
    ParentHashValid,

    /// <summary>The hash of a joined tree is the one in the group context.</summary>
    [RuleSource("RFC 9420 §12.4.3.1")]
    TreeHashMatches,

    /// <summary>A commit has a path when its proposals ask for one or there are none.</summary>
    [RuleSource("RFC 9420 §12.4")]
    PathRequired,

    /// <summary>A path has one node for each node of the filtered direct path.</summary>
    [RuleSource("RFC 9420 §7.6")]
    PathLength,

    /// <summary>A path secret is encrypted once to each node of the resolution, added leaves excepted.</summary>
    [RuleSource("RFC 9420 §7.6")]
    PathCiphertexts,

    /// <summary>The parent hash of a committer's leaf is that of its path.</summary>
    [RuleSource("RFC 9420 §7.9.2")]
    PathParentHash,

    /// <summary>The keys of a path are in no other node of the tree.</summary>
    [RuleSource("RFC 9420 §12.4.2")]
    PathKeysNew,

    /// <summary>The keys of a path are ones that can be encrypted to.</summary>
    [RuleSource("RFC 9420 §5.1.1")]
    UsablePathKey,

    /// <summary>The path secret for this member opens.</summary>
    [RuleSource("RFC 9420 §7.5")]
    PathSecretOpens,

    /// <summary>A path secret is as long as a hash.</summary>
    [RuleSource("RFC 9420 §7.4")]
    PathSecretLength,

    /// <summary>The keys that come from a path secret are those that were sent.</summary>
    [RuleSource("RFC 9420 §7.5")]
    PathPublicKeys,

    // Pre-shared keys (§8.4)
    /// <summary>The type of a pre-shared key is one that is known.</summary>
    [RuleSource("RFC 9420 §8.4")]
    KnownPskType,

    /// <summary>The usage of a resumption PSK is one that is known.</summary>
    [RuleSource("RFC 9420 §8.4")]
    KnownPskUsage,

    /// <summary>The nonce of a PSK proposal is as long as a hash.</summary>
    [RuleSource("RFC 9420 §12.1.4")]
    PskNonceLength,

    /// <summary>A resumption PSK for re-initialising or branching is used for nothing else.</summary>
    [RuleSource("RFC 9420 §12.1.4")]
    PskUsage,

    /// <summary>Every pre-shared key of a commit is there.</summary>
    [RuleSource("RFC 9420 §12.4.2")]
    PskAvailable,

    // Proposals and commits (§12)
    /// <summary>A structure does not have more extensions than the limit.</summary>
    [RuleSource("RFC 9420 §13.4")]
    ExtensionCount,

    /// <summary>A structure has at most one extension of each type.</summary>
    [RuleSource("RFC 9420 §13.4")]
    DuplicateExtension,

    /// <summary>The components of application data are in rising order, each once.</summary>
    [RuleSource("draft-ietf-mls-extensions, Attaching Application Data")]
    AppDataOrder,

    /// <summary>A commit lists proposals by value or by reference.</summary>
    [RuleSource("RFC 9420 §12.4")]
    KnownProposalOrRefType,

    /// <summary>There are not more proposals than the limit.</summary>
    [RuleSource("RFC 9420 §12.4")]
    ProposalCount,

    /// <summary>A proposal that a commit names was received in this epoch.</summary>
    [RuleSource("RFC 9420 §12.4")]
    ProposalKnown,

    /// <summary>The application allows a proposal to wait for a commit.</summary>
    [RuleSource("RFC 9420 §12.2")]
    ProposalAllowed,

    /// <summary>Every member that stays supports the types of all proposals.</summary>
    [RuleSource("RFC 9420 §12.2")]
    ProposalTypeSupported,

    /// <summary>A Remove names a leaf that is not blank.</summary>
    [RuleSource("RFC 9420 §12.1.3")]
    RemovedLeafOccupied,

    /// <summary>A ReInit does not go back to an older version.</summary>
    [RuleSource("RFC 9420 §12.1.5")]
    ReInitVersion,

    /// <summary>A commit has no Update of its committer.</summary>
    [RuleSource("RFC 9420 §12.2")]
    CommitterDoesNotUpdate,

    /// <summary>A commit does not remove its committer.</summary>
    [RuleSource("RFC 9420 §12.2")]
    CommitterNotRemoved,

    /// <summary>A commit changes or removes each leaf at most once.</summary>
    [RuleSource("RFC 9420 §12.2")]
    OneChangePerLeaf,

    /// <summary>A commit adds each client once.</summary>
    [RuleSource("RFC 9420 §12.2")]
    AddedClientsDiffer,

    /// <summary>A commit adds no client that is in the group and stays.</summary>
    [RuleSource("RFC 9420 §12.2")]
    AddedClientIsNew,

    /// <summary>A commit names each pre-shared key once.</summary>
    [RuleSource("RFC 9420 §12.2")]
    PsksDiffer,

    /// <summary>A commit replaces the group's extensions at most once.</summary>
    [RuleSource("RFC 9420 §12.2")]
    OneGroupContextExtensions,

    /// <summary>A ReInit is the only proposal of its commit.</summary>
    [RuleSource("RFC 9420 §12.2")]
    ReInitAlone,

    /// <summary>A member's commit has no ExternalInit.</summary>
    [RuleSource("RFC 9420 §12.2")]
    ExternalInitOnlyFromOutside,

    /// <summary>An external commit has exactly one ExternalInit.</summary>
    [RuleSource("RFC 9420 §12.2")]
    OneExternalInit,

    /// <summary>An external commit removes at most one member.</summary>
    [RuleSource("RFC 9420 §12.2")]
    ExternalCommitRemovesOne,

    /// <summary>An external commit has no other proposals than ExternalInit, Remove, PreSharedKey and SelfRemove.</summary>
    [RuleSource("RFC 9420 §12.2")]
    ExternalCommitProposals,

    /// <summary>An external commit names no proposal by reference but SelfRemoves.</summary>
    [RuleSource("RFC 9420 §12.4.3.2")]
    ExternalCommitByValue,

    /// <summary>The KEM output of an external commit opens.</summary>
    [RuleSource("RFC 9420 §8.3")]
    ExternalInitOpens,

    /// <summary>A SelfRemove is committed by reference.</summary>
    [RuleSource("draft-ietf-mls-extensions, SelfRemove")]
    SelfRemoveByReference,

    /// <summary>A SelfRemove is sent in a public message, so that joiners from outside can commit it.</summary>
    [RuleSource("draft-ietf-mls-extensions, SelfRemove")]
    SelfRemoveIsPublic,

    /// <summary>What a joiner is given as SelfRemoves are public messages of members with that proposal.</summary>
    [RuleSource("draft-ietf-mls-extensions, SelfRemove")]
    SelfRemoveMessage,

    /// <summary>The application allows a commit.</summary>
    [RuleSource("RFC 9420 §12.2")]
    CommitAllowed,

    /// <summary>The confirmation tag of a commit is right, by content and length.</summary>
    [RuleSource("RFC 9420 §8.1")]
    ConfirmationTag,

    // Joining (§12.4.3)
    /// <summary>This client supports the group's suite.</summary>
    [RuleSource("RFC 9420 §12.4.3.1")]
    SuiteSupported,

    /// <summary>The version of a group context is MLS 1.0.</summary>
    [RuleSource("RFC 9420 §8.1")]
    GroupContextVersion,

    /// <summary>A commit is not made in the last epoch that there is a number for.</summary>
    [RuleSource("RFC 9420 §8.1")]
    EpochsLeft,

    /// <summary>A Welcome names this client's KeyPackage.</summary>
    [RuleSource("RFC 9420 §12.4.3.1")]
    WelcomeForOwnKeyPackage,

    /// <summary>The suite of a Welcome is the KeyPackage's.</summary>
    [RuleSource("RFC 9420 §12.4.3.1")]
    WelcomeSuite,

    /// <summary>The group secrets of a Welcome open with the init key.</summary>
    [RuleSource("RFC 9420 §12.4.3.1")]
    WelcomeSecretsOpen,

    /// <summary>The joiner secret of a Welcome is as long as a hash.</summary>
    [RuleSource("RFC 9420 §8")]
    WelcomeJoinerSecretLength,

    /// <summary>A Welcome names each pre-shared key once, as the commit does.</summary>
    [RuleSource("RFC 9420 §12.2")]
    WelcomePsksDiffer,

    /// <summary>The nonce of a Welcome's pre-shared key is as long as a hash.</summary>
    [RuleSource("RFC 9420 §8.4")]
    WelcomePskNonceLength,

    /// <summary>A Welcome has at most one PSK for re-initialising or branching.</summary>
    [RuleSource("RFC 9420 §12.4.3.1")]
    WelcomeOneLink,

    /// <summary>The GroupInfo of a Welcome opens.</summary>
    [RuleSource("RFC 9420 §12.4.3.1")]
    WelcomeInfoOpens,

    /// <summary>The signer of a Welcome is another member than who joins.</summary>
    [RuleSource("RFC 9420 §12.4.3.1")]
    WelcomeFromOther,

    /// <summary>The keys that come from a Welcome's path secret are those of the tree.</summary>
    [RuleSource("RFC 9420 §12.4.3.1")]
    WelcomePathKeys,

    /// <summary>The suite of a GroupInfo is the one that it is joined with.</summary>
    [RuleSource("RFC 9420 §12.4.3.1")]
    GroupInfoSuite,

    /// <summary>The signer of a GroupInfo is a leaf that is not blank.</summary>
    [RuleSource("RFC 9420 §12.4.3.1")]
    GroupInfoSigner,

    /// <summary>The signature of a GroupInfo is its signer's.</summary>
    [RuleSource("RFC 9420 §12.4.3.1")]
    GroupInfoSignature,

    /// <summary>The confirmation tag of a GroupInfo is right, by content and length.</summary>
    [RuleSource("RFC 9420 §12.4.3.1")]
    GroupInfoConfirmationTag,

    /// <summary>A group that is joined is one that this client is not in.</summary>
    [RuleSource("RFC 9420 §12.4.3")]
    GroupIdNew,

    /// <summary>This client supports every extension of a group that it joins.</summary>
    [RuleSource("RFC 9420 §13.4")]
    OwnSupportOfExtensions,

    /// <summary>The tree of a group that is joined is there.</summary>
    [RuleSource("RFC 9420 §12.4.3.3")]
    TreePresent,

    /// <summary>The leaf of the KeyPackage is in the tree.</summary>
    [RuleSource("RFC 9420 §12.4.3.1")]
    OwnLeafInTree,

    /// <summary>A GroupInfo for an external commit has the group's external key.</summary>
    [RuleSource("RFC 9420 §12.4.3.2")]
    ExternalPubPresent,

    /// <summary>The external key of a group is one that can be encrypted to.</summary>
    [RuleSource("RFC 9420 §12.4.3.2")]
    UsableExternalPub,

    /// <summary>A group that continues or leaves another one is in epoch 1.</summary>
    [RuleSource("RFC 9420 §12.4.3.1")]
    LinkedGroupEpoch,

    /// <summary>The group that is continued or left is the one that the application named.</summary>
    [RuleSource("RFC 9420 §12.4.3.1")]
    LinkedGroupKnown,

    /// <summary>A group that is continued was ended by a ReInit.</summary>
    [RuleSource("RFC 9420 §12.4.3.1")]
    ReInitExpected,

    /// <summary>The PSK of a successor is of the epoch after the ReInit.</summary>
    [RuleSource("RFC 9420 §11.2")]
    ReInitEpoch,

    /// <summary>A successor has the identifier, version, suite and extensions of the ReInit.</summary>
    [RuleSource("RFC 9420 §12.4.3.1")]
    ReInitParameters,

    /// <summary>A successor has the members of the group that it continues.</summary>
    [RuleSource("RFC 9420 §12.4.3.1")]
    ReInitMembers,

    /// <summary>A subgroup has the suite of the group that it comes from.</summary>
    [RuleSource("RFC 9420 §11.3")]
    BranchSuite,

    /// <summary>A subgroup has no members that the group does not have.</summary>
    [RuleSource("RFC 9420 §12.4.3.1")]
    BranchMembers,

    // Storage
    /// <summary>A stored record is of a format that is known.</summary>
    [RuleSource("this library")]
    StoredFormat,

    /// <summary>A group that should continue or branch off from another one names it.</summary>
    [RuleSource("RFC 9420 §11.2")]
    LinkPresent,

    // Limits
    /// <summary>A message is not longer than the limits allow.</summary>
    [RuleSource("this library")]
    MessageLength,

    /// <summary>A list of capabilities, of a leaf or required by a group, has at most 256 numbers.</summary>
    [RuleSource("this library")]
    CapabilityCount,

    /// <summary>A group has at most 64 external senders.</summary>
    [RuleSource("this library")]
    ExternalSenderCount,

    /// <summary>A certificate chain has at most 32 certificates.</summary>
    [RuleSource("this library")]
    CertificateCount,

    /// <summary>An HPKE ciphertext is as long as the shortest encapsulation and an authentication tag.</summary>
    [RuleSource("RFC 9420 §7.6")]
    HpkeCiphertextLength,
}

/// <summary>Where a rule comes from, for the conformance table.</summary>
/// <param name="section">The document and section.</param>
[AttributeUsage(AttributeTargets.Field)]
public sealed class RuleSourceAttribute(string section) : Attribute
{
    /// <summary>The document and section.</summary>
    public string Section { get; } = section;
}
