using System.CommandLine;
using System.Text;
using Sotto.Direct.Identities;

namespace Sotto.Terminal.Commands;

/// <summary>What a person asked of <c>direct host</c> and <c>direct join</c> alike.</summary>
internal sealed record DirectCall(string Name, bool Json, bool Paper, string? KeyFile, string? FilesFolder, bool AllowUnverified);

/// <summary>The options that <c>host</c> and <c>join</c> share.</summary>
internal sealed class CommonOptions
{
    private readonly Option<string?> _name = new("--name") { Description = "The name the other person sees. Default: your user name." };
    private readonly Option<bool> _json = new("--json") { Description = "Print events on stdout, one JSON object a line." };
    private readonly Option<bool> _paper = new("--paper") { Description = "The paper's own program: one Fernet key, copied by hand. For study; it says what it lacks." };
    private readonly Option<string?> _keyFile = new("--key-file") { Description = "With --paper: read the Fernet key from a file; - is the first line of stdin. SOTTO_KEY works too.", HelpName = "FILE" };
    private readonly Option<string?> _files = new("--accept-files") { Description = "Take every file that is offered into this folder, without asking.", HelpName = "FOLDER" };

    private readonly Option<bool> _unverified = new("--allow-unverified") { Description = "In a pipe: talk also with somebody whose key nobody has compared. At a keyboard a code is shown instead." };

    public void AddTo(Command command)
    {
        command.Add(_name);
        command.Add(_json);
        command.Add(_files);
        command.Add(_unverified);
        command.Add(_paper);
        command.Add(_keyFile);
    }

    public DirectCall Read(ParseResult parsed)
    {
        var name = parsed.GetValue(_name) ?? (Environment.UserName is { Length: > 0 } user ? user : "someone");
        if (string.IsNullOrWhiteSpace(name) || Encoding.UTF8.GetByteCount(name) > PublicIdentity.MaxNameLength)
            throw new UsageException($"--name takes 1 to {PublicIdentity.MaxNameLength} bytes.");
        var paper = parsed.GetValue(_paper);
        var keyFile = parsed.GetValue(_keyFile);
        if (keyFile is not null && !paper)
            throw new UsageException("--key-file belongs to --paper. Without it the keys are made and exchanged by themselves.");
        return new(name, parsed.GetValue(_json), paper, keyFile, parsed.GetValue(_files), parsed.GetValue(_unverified));
    }
}
