using System.Text;
using System.Text.Json.Nodes;

namespace Sotto.Interop.Members;

/// <summary>A member on ts-mls, in the peer's process.</summary>
public sealed class TsMlsMember(PeerProcess peer, ushort suite, string name) : Member(name)
{
    private string? _group;
    private string? _keyPackage;
    private uint _leaf;
    private string? _activity;

    public override uint Leaf => _leaf;

    public override bool IsOut => _activity == "removedFromGroup";

    public override async Task CreateAsync(string groupId) =>
        Enter(await peer.RunAsync("createGroup", new() { ["suite"] = suite, ["groupId"] = Text(Encoding.UTF8.GetBytes(groupId)), ["identity"] = Name }));

    public override async Task<byte[]> NewKeyPackageAsync()
    {
        var made = await peer.RunAsync("keyPackage", new() { ["suite"] = suite, ["identity"] = Name });
        _keyPackage = (string)made["keyPackageId"]!;
        return Bytes(made["keyPackage"])!;
    }

    public override async Task JoinAsync(Made admission, Member? old = null)
    {
        var arguments = new JsonObject { ["welcome"] = Text(admission.Welcome), ["keyPackageId"] = _keyPackage };
        if (admission.Tree is not null)
            arguments["ratchetTree"] = Text(admission.Tree);
        if (old is TsMlsMember before)
            arguments["resumes"] = before._group;
        Enter(await peer.RunAsync("join", arguments));
    }

    public override async Task<byte[]> JoinFromOutsideAsync(PublicGroup info, bool instead = false)
    {
        var arguments = new JsonObject { ["groupInfo"] = Text(info.Info) };
        if (info.Tree is not null)
            arguments["ratchetTree"] = Text(info.Tree);
        if (instead)
            (arguments["identity"], arguments["sameKeyAs"], arguments["resync"]) = (Name, _keyPackage, true);
        else
            arguments["keyPackageId"] = _keyPackage;
        var joined = await peer.RunAsync("externalJoin", arguments);
        Enter(joined);
        return Bytes(joined["commit"])!;
    }

    public override async Task<byte[]> ProposeOwnAddAsync(PublicGroup info)
    {
        var proposed = await peer.RunAsync("proposeOwnAdd", new() { ["groupInfo"] = Text(info.Info), ["identity"] = Name });
        _keyPackage = (string)proposed["keyPackageId"]!;
        return Bytes(proposed["proposal"])!;
    }

    public override async Task<byte[]> ProposeAsync(Change change, bool isPublic = false)
    {
        var (command, arguments) = change switch
        {
            AddChange add => ("proposeAdd", InGroup(("keyPackage", Text(add.KeyPackage)))),
            RemoveChange remove => ("proposeRemove", InGroup(("leafIndex", remove.Leaf))),
            UpdateChange => ("proposeUpdate", InGroup()),
            PskChange psk => ("proposePsk", InGroup(("pskId", Text(Encoding.UTF8.GetBytes(psk.Id))))),
            ResumptionChange resumption => ("proposePsk", InGroup(("epoch", resumption.Epoch))),
            ReInitChange reInit => ("proposeReInit", InGroup(("groupId", Text(Encoding.UTF8.GetBytes(reInit.GroupId))), ("suite", suite))),
            _ => throw new NotSupportedException($"ts-mls does not propose {change}."),
        };
        arguments["handshake"] = Handshake(isPublic);
        return Bytes((await peer.RunAsync(command, arguments))["proposal"])!;
    }

    public override async Task<Made> PrepareCommitAsync(Wish wish)
    {
        if (wish.ForcesPath || wish.ChangesSignatureKey)
            throw new NotSupportedException("ts-mls decides for itself whether a commit has a path.");
        var proposals = new JsonArray([.. wish.Changes.Select(ByValue)]);
        var arguments = InGroup(("proposals", proposals), ("pending", true), ("treeInWelcome", wish.TreeInWelcome), ("handshake", Handshake(wish.IsPublic)));
        return ToMade(await peer.RunAsync("commit", arguments));
    }

    public override async Task MergeAsync() => See(await peer.RunAsync("merge", InGroup()));

    public override async Task DropAsync() => See(await peer.RunAsync("discard", InGroup()));

    public override async Task<(Member Creator, Made Made)> ContinueAsync(string? branch, byte[] keyPackage)
    {
        var arguments = InGroup(("identity", Name), ("keyPackages", new JsonArray(Text(keyPackage))));
        if (branch is not null)
            arguments["groupId"] = Text(Encoding.UTF8.GetBytes(branch));
        var made = await peer.RunAsync(branch is null ? "reInit" : "branch", arguments);
        var creator = new TsMlsMember(peer, suite, Name);
        creator.Enter(made);
        return (creator, ToMade(made));
    }

    public override async Task ReceiveAsync(byte[] message) => See(await peer.RunAsync("process", InGroup(("message", Text(message)))));

    public override async Task<byte[]> SayAsync(string text) => Bytes((await peer.RunAsync("send", InGroup(("text", text))))["message"])!;

    public override async Task<string> ReadAsync(byte[] message)
    {
        var read = await peer.RunAsync("process", InGroup(("message", Text(message))));
        Assert.Equal("application", (string)read["kind"]!);
        return Encoding.UTF8.GetString(Bytes(read["plaintext"])!);
    }

    public override async Task<bool> RefusesAsync(byte[] message) =>
        (await peer.AskAsync("process", InGroup(("message", Text(message)))))["error"] is not null;

    public override async Task<PublicGroup> DescribeAsync(bool withTree = true)
    {
        var info = await peer.RunAsync("groupInfo", InGroup(("withTree", withTree)));
        return new(Bytes(info["groupInfo"])!, withTree ? null : Bytes(info["ratchetTree"]));
    }

    public override async Task KnowPskAsync(string id, byte[] psk) =>
        await peer.RunAsync("registerPsk", new() { ["pskId"] = Text(Encoding.UTF8.GetBytes(id)), ["psk"] = Text(psk) });

    public override async Task<View> ViewAsync()
    {
        var info = await peer.RunAsync("info", InGroup());
        var members = await peer.RunAsync("members", InGroup());
        var exported = await peer.RunAsync("export", InGroup(("label", "interop"), ("context", Text("context"u8.ToArray())), ("length", 40)));
        var names = members["members"]!.AsArray().Select(member => $"{(int)member!["leafIndex"]!} {Encoding.UTF8.GetString(Bytes(member["identity"])!)}");
        return new(
            (ulong)info["epoch"]!, Hex(info["epochAuthenticator"]), Hex(exported["secret"]), Hex(info["ratchetTree"]), string.Join(", ", names));
    }

    private JsonObject InGroup(params (string Name, JsonNode? Value)[] arguments)
    {
        var all = new JsonObject { ["group"] = _group };
        foreach (var (name, value) in arguments)
        {
            if (value is not null)
                all[name] = value;
        }

        return all;
    }

    private static JsonObject ByValue(Change change) => change switch
    {
        AddChange add => new() { ["type"] = "add", ["keyPackage"] = Text(add.KeyPackage) },
        RemoveChange remove => new() { ["type"] = "remove", ["leafIndex"] = remove.Leaf },
        PskChange psk => new() { ["type"] = "psk", ["pskId"] = Text(Encoding.UTF8.GetBytes(psk.Id)) },
        ResumptionChange { Epoch: null } => new() { ["type"] = "resumptionPsk" },
        ResumptionChange resumption => new() { ["type"] = "resumptionPsk", ["epoch"] = resumption.Epoch },
        _ => throw new NotSupportedException($"ts-mls does not commit {change} by value."),
    };

    private void Enter(JsonObject answer)
    {
        _group = (string)answer["group"]!;
        _leaf = (uint?)answer["leafIndex"] ?? 0;
        See(answer);
    }

    private void See(JsonObject answer) => _activity = (string?)answer["activity"];

    private static Made ToMade(JsonObject answer) => new(Bytes(answer["commit"])!, Bytes(answer["welcome"]), null);

    private static string Handshake(bool isPublic) => isPublic ? "public" : "private";

    private static string Text(byte[]? bytes) => Convert.ToBase64String(bytes!);

    private static byte[]? Bytes(JsonNode? text) => text is null ? null : Convert.FromBase64String((string)text!);

    private static string Hex(JsonNode? text) => Convert.ToHexStringLower(Bytes(text)!);
}
