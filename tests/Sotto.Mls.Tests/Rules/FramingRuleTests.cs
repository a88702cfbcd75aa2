using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Schedule;
using Sotto.Mls.Tests.Groups;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Tests.Rules;

/// <summary>Presentation and framing (RFC 9420 §2.1, §6).</summary>
public sealed class FramingRuleTests : RuleTest
{
    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [Trait("Rule", nameof(MlsRule.Truncated))]
    public void A_message_that_is_cut_short_is_refused(int missing)
    {
        var whole = Commit().Make().Encoded;
        Refused(MlsRule.Truncated, () => MlsMessage.Decode(whole.Span[..^missing]));
        Bob.Receive<ReceivedCommit>(MlsMessage.Decode(whole.Span));
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.Truncated))]
    public void A_vector_that_says_it_is_longer_than_the_message_is_refused_before_anything_is_allocated() => Refused(
        MlsRule.Truncated, () => MlsMessage.Decode([0, 1, 0, 1, 0xbf, 0xff, 0xff, 0xff]));

    [Fact]
    [Trait("Rule", nameof(MlsRule.TrailingBytes))]
    public void A_message_with_a_byte_too_many_is_refused()
    {
        byte[] longer = [.. Commit().Make().Encoded.Span, 0];
        Refused(MlsRule.TrailingBytes, () => Bob.Group.Receive(MlsMessage.Decode(longer)).Dispose(), unchanged: Bob);
        Bob.Receive<ReceivedCommit>(MlsMessage.Decode(longer.AsSpan(..^1)));
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.OptionalPresence))]
    public void A_presence_byte_of_two_is_refused() =>
        Refuses(MlsRule.OptionalPresence, Bob, broken => CommitBytes(broken, bytes => [bytes[0], 2, .. bytes[2..]]));

    [Fact]
    [Trait("Rule", nameof(MlsRule.VectorLengthPrefix))]
    public void A_vector_length_that_begins_with_the_bits_11_is_refused() =>
        Refuses(MlsRule.VectorLengthPrefix, Bob, broken => CommitBytes(broken, bytes => [0xc0, .. bytes[1..]]));

    [Theory]
    [InlineData(ContentType.Application)]
    [InlineData(ContentType.Proposal)]
    [InlineData(ContentType.Commit)]
    [Trait("Rule", nameof(MlsRule.MessageLength))]
    public void A_message_that_is_longer_than_the_limits_is_refused(ContentType type)
    {
        var people = Gather(New("Ann"), Own(new Person("Ben", limits: new MlsLimits { MessageLength = 1_000, ProposalLength = 1_000, CommitLength = 1_000 })));
        Refuses(MlsRule.MessageLength, people[1], broken =>
        {
            var parameters = new MessageParameters { AuthenticatedData = new byte[broken && type == ContentType.Proposal ? 1_000 : 1], Padding = _ => broken ? 1_000 : 0 };
            return type switch
            {
                ContentType.Application => people[0].Say("hello", parameters),
                ContentType.Proposal => people[0].Propose(new PreSharedKeyProposal(new ExternalPskId(new byte[1])), parameters),
                _ => new RawCommit(people[0].Group, people[0]) { Content = content => content with { AuthenticatedData = new byte[broken ? 1_000 : 1] } }.Make(),
            };
        });
    }

    [Theory]
    [InlineData(new byte[] { 0x40, 0x00 })]
    [InlineData(new byte[] { 0x80, 0x00, 0x00, 0x00 })]
    [Trait("Rule", nameof(MlsRule.MinimalVectorLength))]
    public void A_vector_length_in_more_bytes_than_it_needs_is_refused(byte[] zero) =>
        Refuses(MlsRule.MinimalVectorLength, Bob, broken => CommitBytes(broken, bytes => [.. zero, .. bytes[1..]]));

    [Fact]
    [Trait("Rule", nameof(MlsRule.MessageVersion))]
    public void A_message_of_another_version_is_refused()
    {
        var message = Commit().Make().Encoded.ToArray();
        message[1] = 2;
        Refused(MlsRule.MessageVersion, () => Bob.Group.Receive(MlsMessage.Decode(message)).Dispose(), unchanged: Bob);
        message[1] = 1;
        Bob.Receive<ReceivedCommit>(MlsMessage.Decode(message));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    [Trait("Rule", nameof(MlsRule.KnownWireFormat))]
    public void A_message_of_an_unknown_wire_format_is_refused(byte format)
    {
        var message = Commit().Make().Encoded.ToArray();
        message[3] = format;
        Refused(MlsRule.KnownWireFormat, () => MlsMessage.Decode(message), unchanged: Bob);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 0)]
    [InlineData(true, 4)]
    [InlineData(false, 4)]
    [Trait("Rule", nameof(MlsRule.KnownContentType))]
    public void A_message_of_an_unknown_content_type_is_refused(bool encrypted, byte type) => Refuses(MlsRule.KnownContentType, Bob, broken =>
    {
        if (!broken)
            return Commit().Make();
        var raw = new RawMessage(Alice.Group, Alice.SigningKey) { Message = message => message with { ContentType = (ContentType)type } };
        return encrypted ? raw.Private(new ApplicationBody(default)) : raw.Public(new RawBody((ContentType)type, [0]));
    });

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [Trait("Rule", nameof(MlsRule.KnownSenderType))]
    public void A_message_of_an_unknown_sender_type_is_refused(byte type) => Refuses(MlsRule.KnownSenderType, Bob, broken => new RawCommit(Alice.Group, Alice)
    {
        Content = content => broken ? content with { Sender = new Sender((SenderType)type, 0) } : content,
    }.Make());

    [Fact]
    [Trait("Rule", nameof(MlsRule.GroupMessage))]
    public void A_group_receives_no_GroupInfo_and_no_KeyPackage()
    {
        var info = MlsMessage.Of(Alice.Group.MakeGroupInfo());
        var keyPackage = MlsMessage.Of(KeyPackageOf(New("Dave")).KeyPackage);
        foreach (var message in new[] { info, keyPackage })
            Refused(MlsRule.GroupMessage, () => Bob.Group.Receive(message).Dispose(), unchanged: Bob);
        Bob.Receive<ReceivedCommit>(Commit().Make());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Rule", nameof(MlsRule.GroupIdMatches))]
    public void A_message_for_another_group_is_refused(bool encrypted) => Refuses(MlsRule.GroupIdMatches, Bob, broken => new RawCommit(Alice.Group, Alice)
    {
        Encrypt = encrypted,
        Content = content => broken ? content with { GroupId = new GroupId("other"u8.ToArray()) } : content,
    }.Make());

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [Trait("Rule", nameof(MlsRule.CurrentEpoch))]
    public void A_public_message_of_another_epoch_is_refused(int difference) => Refuses(MlsRule.CurrentEpoch, Bob, broken => new RawCommit(Alice.Group, Alice)
    {
        Content = content => broken ? content with { Epoch = new Epoch(content.Epoch.Value + (ulong)(long)difference) } : content,
    }.Make());

    [Theory]
    [InlineData(ContentType.Commit, -1)]
    [InlineData(ContentType.Commit, 1)]
    [InlineData(ContentType.Application, 1)]
    [InlineData(ContentType.Application, -5)]
    [Trait("Rule", nameof(MlsRule.CurrentEpoch))]
    public void A_private_message_of_another_epoch_is_refused(ContentType type, int difference) => Refuses(
        MlsRule.CurrentEpoch, Bob,
        broken =>
        {
            FramedContent Change(FramedContent content) => broken ? content with { Epoch = new Epoch(content.Epoch.Value + (ulong)(long)difference) } : content;
            return type == ContentType.Commit
                ? new RawCommit(Alice.Group, Alice) { Encrypt = true, Content = Change }.Make()
                : new RawMessage(Alice.Group, Alice.SigningKey) { Content = Change }.Private(new ApplicationBody("hello"u8.ToArray()));
        },
        direct: true);

    [Fact]
    [Trait("Rule", nameof(MlsRule.EpochsLeft))]
    public void The_last_epoch_that_can_be_counted_is_not_left()
    {
        var dave = New("Dave");
        var info = new RawGroupInfo(Alice) { Epoch = new Epoch(ulong.MaxValue) }.Encode();
        Refused(MlsRule.EpochsLeft, () => dave.JoinExternally(MlsMessage.Decode(info).GroupInfo!));
        info = new RawGroupInfo(Alice) { Epoch = new Epoch(ulong.MaxValue - 1) }.Encode();
        dave.JoinExternally(MlsMessage.Decode(info).GroupInfo!);
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.GroupNotReInitialised))]
    public void A_message_after_the_commit_that_ended_the_group_is_refused()
    {
        var late = RawOf(Alice).Private(new ApplicationBody("late"u8.ToArray()));
        var reInit = new ReInitProposal(new GroupId("next"u8.ToArray()), ProtocolVersion.Mls10, Alice.Suite.Id, ExtensionList.Empty);
        var (ending, _) = Alice.Commit(new CommitParameters { Proposals = [reInit] });
        Bob.Receive<ReceivedCommit>(ending);
        var commit = Commit().Make();
        var data = RawOf(Alice).Private(new ApplicationBody("over"u8.ToArray()));
        foreach (var message in new[] { commit, data })
            Refused(MlsRule.GroupNotReInitialised, () => Bob.Group.Receive(message).Dispose(), unchanged: Bob);
        Assert.Equal("late", Bob.Read(late));
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.ApplicationIsEncrypted))]
    public void Application_data_in_a_public_message_are_refused() => Refuses(MlsRule.ApplicationIsEncrypted, Bob, broken =>
        broken ? RawOf(Alice).Public(new ApplicationBody("hello"u8.ToArray())) : RawOf(Alice).Private(new ApplicationBody("hello"u8.ToArray())));

    [Theory]
    [InlineData(3u, true)]
    [InlineData(3u, false)]
    [InlineData(4u, false)]
    [InlineData(uint.MaxValue, false)]
    [Trait("Rule", nameof(MlsRule.SenderLeafOccupied))]
    public void A_message_of_a_leaf_that_nobody_is_at_is_refused(uint leaf, bool encrypted) => Refuses(MlsRule.SenderLeafOccupied, Bob, broken =>
    {
        var index = broken ? new LeafIndex(leaf) : Alice.Group.OwnIndex;
        var raw = new RawMessage(Alice.Group, Alice.SigningKey) { Leaf = index, Content = content => content with { Sender = Sender.Member(index) } };
        return encrypted ? raw.Private(new ApplicationBody(default)) : raw.Public(new ProposalBody(new RemoveProposal(new(2))));
    });

    [Fact]
    [Trait("Rule", nameof(MlsRule.ExternalSenderIndex))]
    public void An_external_sender_that_the_group_does_not_list_is_refused()
    {
        var bob = WithExternalSender();
        Refuses(MlsRule.ExternalSenderIndex, bob, broken => External(bob.Group, new ProposalBody(new RemoveProposal(new(0))), broken ? 1u : 0u));
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.ExternalSenderProposes))]
    public void An_external_sender_does_not_commit()
    {
        var bob = WithExternalSender();
        Refuses(MlsRule.ExternalSenderProposes, bob, broken => broken
            ? External(bob.Group, new CommitBody(Mls.Groups.Commit.Create([], null)), 0, tag: new byte[32])
            : External(bob.Group, new ProposalBody(new RemoveProposal(new(0))), 0));
    }

    [Theory]
    [InlineData(ProposalTypes.Update)]
    [InlineData(ProposalTypes.ExternalInit)]
    [InlineData(ProposalTypes.SelfRemove)]
    [InlineData((ushort)0xF123)]
    [Trait("Rule", nameof(MlsRule.ExternalSenderProposalType))]
    public void An_external_sender_does_not_propose_what_only_members_may(ushort type)
    {
        var bob = WithExternalSender();
        Proposal bad = type switch
        {
            ProposalTypes.Update => new UpdateProposal(bob.Group.OwnLeaf),
            ProposalTypes.ExternalInit => new ExternalInitProposal(new byte[32]),
            ProposalTypes.SelfRemove => new SelfRemoveProposal(),
            _ => new CustomProposal(type, default),
        };
        Refuses(MlsRule.ExternalSenderProposalType, bob, broken =>
            External(bob.Group, new ProposalBody(broken ? bad : new RemoveProposal(new(0))), 0));
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.NewMemberProposesAdd))]
    public void A_stranger_proposes_nothing_but_its_own_Add()
    {
        var dave = New("Dave");
        var keys = KeyPackageOf(dave);
        Refuses(MlsRule.NewMemberProposesAdd, Bob, broken => Stranger(
            dave, SenderType.NewMemberProposal, broken ? new RemoveProposal(new(0)) : new AddProposal(keys.KeyPackage)));
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.NewMemberCommits))]
    public void Who_joins_by_a_commit_sends_nothing_else()
    {
        var dave = New("Dave");
        Refuses(MlsRule.NewMemberCommits, Bob, broken => broken
            ? Stranger(dave, SenderType.NewMemberCommit, AddOf(dave))
            : new RawCommit(Alice.Group, dave) { Joins = true }.Make());
    }

    [Theory]
    [InlineData("another key", false)]
    [InlineData("another key", true)]
    [InlineData("another content", false)]
    [InlineData("another content", true)]
    [InlineData("another context", false)]
    [InlineData("another context", true)]
    [InlineData("another wire format", false)]
    [Trait("Rule", nameof(MlsRule.MessageSignature))]
    public void A_message_whose_signature_is_another_ones_is_refused(string of, bool encrypted) => Refuses(MlsRule.MessageSignature, Bob, broken =>
    {
        var context = Alice.Group.Context;
        var raw = new RawMessage(Alice.Group, broken && of == "another key" ? Charlie.SigningKey : Alice.SigningKey)
        {
            Signed = signed => !broken ? signed : of switch
            {
                "another content" => signed with { Content = signed.Content with { AuthenticatedData = new byte[1] } },
                "another context" => AuthenticatedContent.Sign(signed.Format, signed.Content, Alice.SigningKey, context.With(new byte[32])),
                "another wire format" => AuthenticatedContent.Sign(WireFormat.PrivateMessage, signed.Content, Alice.SigningKey, context) with { Format = signed.Format },
                _ => signed,
            },
        };
        var body = new ProposalBody(new RemoveProposal(new(2)));
        return encrypted ? raw.Private(body) : raw.Public(body);
    });

    [Theory]
    [InlineData("flipped")]
    [InlineData("shorter")]
    [InlineData("longer")]
    [InlineData("empty")]
    [Trait("Rule", nameof(MlsRule.MembershipTag))]
    public void A_public_message_with_a_wrong_membership_tag_is_refused(string how) => Refuses(MlsRule.MembershipTag, Bob, broken =>
        new RawMessage(Alice.Group, Alice.SigningKey) { MembershipTag = tag => broken ? Spoil(tag, how) : tag }
            .Public(new ProposalBody(new RemoveProposal(new(2)))));

    [Theory]
    [InlineData("flipped")]
    [InlineData("shorter")]
    [InlineData("longer")]
    [InlineData("empty")]
    [Trait("Rule", nameof(MlsRule.ConfirmationTag))]
    public void A_commit_with_a_wrong_confirmation_tag_is_refused(string how) => Refuses(MlsRule.ConfirmationTag, Bob, broken =>
        new RawCommit(Alice.Group, Alice) { ConfirmationTag = tag => broken ? Spoil(tag, how) : tag }.Make());

    [Fact]
    [Trait("Rule", nameof(MlsRule.ConfirmationTag))]
    public void A_commit_of_the_own_Update_with_a_wrong_confirmation_tag_is_refused()
    {
        Alice.Receive<ReceivedProposal>(Bob.ProposeUpdate());
        var reference = Alice.Group.Memory.Queue.Waiting[0].Reference;
        Refuses(MlsRule.ConfirmationTag, Bob, broken => new RawCommit(Alice.Group, Alice)
        {
            Listed = [new ProposalOrReference(null, reference)],
            ConfirmationTag = tag => broken ? Spoil(tag, "flipped") : tag,
        }.Make());
    }

    [Fact]
    [Trait("Rule", nameof(MlsRule.SenderDataOpens))]
    public void Sender_data_that_do_not_open_are_refused() => Refuses(MlsRule.SenderDataOpens, Bob, broken => new RawMessage(Alice.Group, Alice.SigningKey)
    {
        Message = message => broken ? message with { EncryptedSenderData = Spoil(message.EncryptedSenderData.ToArray(), "flipped") } : message,
    }.Private(new ApplicationBody("hello"u8.ToArray())));

    [Theory]
    [InlineData("ciphertext")]
    [InlineData("authenticated data")]
    [Trait("Rule", nameof(MlsRule.CiphertextOpens))]
    public void A_ciphertext_that_does_not_open_is_refused(string changed) => Refuses(MlsRule.CiphertextOpens, Bob, broken => new RawMessage(Alice.Group, Alice.SigningKey)
    {
        Message = message => !broken ? message
            : changed == "ciphertext" ? message with { Ciphertext = Spoil(message.Ciphertext.ToArray(), "flipped") }
            : message with { AuthenticatedData = new byte[1] },
    }.Private(new ApplicationBody("hello"u8.ToArray())));

    [Theory]
    [InlineData(new byte[] { 1 })]
    [InlineData(new byte[] { 0, 0, 1 })]
    [InlineData(new byte[] { 1, 0, 0 })]
    [Trait("Rule", nameof(MlsRule.ZeroPadding))]
    public void Padding_that_is_not_zero_is_refused(byte[] padding) => Refuses(MlsRule.ZeroPadding, Bob, broken => new RawMessage(Alice.Group, Alice.SigningKey)
    {
        Plaintext = plaintext => [.. plaintext, .. broken ? padding : new byte[3]],
    }.Private(new ApplicationBody("hello"u8.ToArray())));

    [Fact]
    [Trait("Rule", nameof(MlsRule.GenerationUnspent))]
    public void A_message_that_comes_again_is_refused()
    {
        var first = Alice.Say("once");
        Bob.Read(first);
        Refused(MlsRule.GenerationUnspent, () => Bob.Group.Receive(first).Dispose(), unchanged: Bob);
        Assert.Equal("twice", Bob.Read(Alice.Say("twice")));
    }

    [Theory]
    [InlineData(0u, 1_001u)]
    [InlineData(0u, uint.MaxValue)]
    [InlineData(1u, 1_002u)]
    [Trait("Rule", nameof(MlsRule.GenerationJump))]
    public void A_message_too_far_ahead_is_refused(uint read, uint generation)
    {
        for (var i = 0u; i < read; i++)
            Bob.Read(Alice.Say("before"));
        var furthest = generation == uint.MaxValue;
        var last = furthest ? 1_000 : generation - 1;
        Refuses(
            MlsRule.GenerationJump, Bob,
            broken => furthest && broken
                ? Renumbered(generation)
                : new RawMessage(Alice.Group, Alice.SigningKey) { Generation = broken ? generation : last }.Private(new ApplicationBody("ahead"u8.ToArray())),
            direct: furthest);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Rule", nameof(MlsRule.OwnCommitKnown))]
    public void A_commit_of_the_own_leaf_that_was_not_made_here_is_refused(bool encrypted) => Refuses(MlsRule.OwnCommitKnown, Bob, broken =>
        new RawCommit(broken ? Bob.Group : Alice.Group, broken ? Bob : Alice) { Encrypt = encrypted }.Make());

    private RawCommit Commit() => new(Alice.Group, Alice);

    /// <summary>A commit whose encoding is changed before it is signed. It has no proposals, so that it begins with 0 and 1.</summary>
    private MlsMessage CommitBytes(bool broken, Func<byte[], byte[]> change) => new RawCommit(Alice.Group, Alice)
    {
        Body = commit => broken ? new RawBody(ContentType.Commit, change(commit.Encoded.ToArray())) : new CommitBody(commit),
    }.Make();

    /// <summary>
    /// A message under the key of generation 0 that says it is of another one: so far ahead that nobody can derive the key.
    /// There is no control, which would derive four thousand million keys.
    /// </summary>
    private MlsMessage Renumbered(uint generation)
    {
        var epoch = Alice.Group.Current;
        return new RawMessage(Alice.Group, Alice.SigningKey)
        {
            Message = message => message with
            {
                EncryptedSenderData = new SenderData(epoch.Own, generation, new byte[4]).Encrypt(
                    epoch.Crypto, epoch.Secrets.SenderDataSource(epoch.Crypto), message.Ciphertext.Span, TlsWriter.Encode(writer =>
                    {
                        writer.WriteVector(message.GroupId.Bytes);
                        writer.WriteUInt64(message.Epoch.Value);
                        writer.WriteByte((byte)message.ContentType);
                    })),
            },
        }.Private(new ApplicationBody("ahead"u8.ToArray()));
    }

    /// <summary>Bob in a group whose external sender has Charlie's keys.</summary>
    private Person WithExternalSender()
    {
        var operatorKey = Charlie.SigningKey;
        var sender = new ExternalSender(operatorKey.PublicKey.ToArray(), Charlie.Credential);
        return Gather(new ExtensionList([ExternalSender.ToExtension([sender])]), New("Ann"), New("Ben"))[1];
    }

    private MlsMessage External(MlsGroup group, ContentBody body, uint index, byte[]? tag = null) => new RawMessage(group, Charlie.SigningKey)
    {
        Content = content => content with { Sender = new Sender(SenderType.External, index) },
        Signed = signed => signed with { ConfirmationTag = tag },
    }.Public(body);

    private MlsMessage Stranger(Person stranger, SenderType type, Proposal proposal) => new RawMessage(Alice.Group, stranger.SigningKey)
    {
        Content = content => content with { Sender = new Sender(type, 0) },
    }.Public(new ProposalBody(proposal));

    private static byte[] Spoil(byte[] tag, string how) => how switch
    {
        "flipped" => [.. tag[..^1], (byte)(tag[^1] ^ 1)],
        "shorter" => tag[..^1],
        "longer" => [.. tag, 0],
        _ => [],
    };
}
