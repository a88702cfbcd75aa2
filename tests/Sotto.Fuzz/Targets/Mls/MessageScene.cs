using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Presentation;
using Sotto.Mls.Proposals;

namespace Sotto.Fuzz.Targets.Mls;

/// <summary>A message that Bob takes, and what is in it.</summary>
internal sealed record TrueMessage(byte[] Encoded, ContentType Type, byte[] Content, ReadOnlyMemory<byte>? ConfirmationTag, byte[] Plaintext);

/// <summary>Messages of every kind of the scene's epoch and of a past one, each of which Bob takes.</summary>
internal sealed class MessageScene
{
    public MessageScene(MlsScene scene)
    {
        scene.Restart();
        Alice = new InsideMember(scene);
        Bob = scene.Bob;
        BobState = scene.BobState;
        var committer = scene.Alice.Restarted();
        var add = committer.AddOf(scene.OutsiderKeys);
        var commits = new CommitParameters[]
        {
            new(), new() { Proposals = [add] }, new() { Proposals = [new RemoveProposal(new(2))] }, new() { Proposals = [new RemoveProposal(new(1))] },
            new() { Proposals = [MlsScene.KnownPsk] }, new() { Proposals = [add, MlsScene.KnownPsk], ForcePath = true },
            new() { Proposals = [new ReInitProposal(new("next"u8.ToArray()), 1, scene.Crypto.Suite.Id, Sotto.Mls.Extensions.ExtensionList.Empty)] },
        };
        var proposals = new Proposal[] { add, new RemoveProposal(new(1)), new RemoveProposal(new(3)), MlsScene.KnownPsk };
        Messages =
        [
            Private(new ApplicationBody("hello"u8.ToArray())), Private(new ApplicationBody(default)),
            .. new[] { true, false }.SelectMany(encrypt => commits.Select(commit => commit with { Encrypt = encrypt, IncludeWaiting = false }))
                .Select(commit => Of(committer.CommitInVain(commit).Message, committer, commit)),
            .. proposals.Append(new SelfRemoveProposal()).Select(proposal => Public(new ProposalBody(proposal))),
            .. proposals.Append(new RemoveProposal(new(2))).Select(proposal => Private(new ProposalBody(proposal))),
            Of(scene.Charlie.Restarted().Say("of another member")), External(scene),
        ];
    }

    public InsideMember Alice { get; }

    public Participant Bob { get; }

    public string BobState { get; }

    public IReadOnlyList<TrueMessage> Messages { get; }

    private TrueMessage Public(ContentBody body) => Of(Alice.Public(Alice.Content(body), null));

    private TrueMessage Private(ContentBody body) =>
        Of(Alice.Private(Alice.Content(body), null), Alice.Sign(WireFormat.PrivateMessage, Alice.Content(body), null));

    /// <summary>What a public message holds stands in it; of a commit in private, one that does the same in public is opened instead.</summary>
    private static TrueMessage Of(MlsMessage message, Participant committer, CommitParameters parameters) => message.PublicMessage is not null
        ? Of(message)
        : Of(message, committer.CommitInVain(parameters with { Encrypt = false }).Message.PublicMessage!.Content);

    private static TrueMessage External(MlsScene scene)
    {
        var parameters = new ExternalJoinParameters(scene.Outsider.SigningKey, scene.Outsider.Credential);
        using var joining = scene.Outsider.Client.JoinExternally(scene.Alice.Group.MakeGroupInfo(), parameters);
        joining.Merge();
        using var group = joining.Group;
        return Of(joining.Message);
    }

    private static TrueMessage Of(MlsMessage message) => message.PublicMessage is { } open
        ? Of(message, open.Content)
        : new TrueMessage(message.Encoded.ToArray(), message.ContentType!.Value, [], null, []);

    private static TrueMessage Of(MlsMessage message, AuthenticatedContent content) => new(
        message.Encoded.ToArray(), content.Content.Type, TlsWriter.Encode(content.Content.Write), content.ConfirmationTag,
        TlsWriter.Encode(writer =>
        {
            content.Content.Body.Write(writer);
            content.WriteAuth(writer);
        }));
}
