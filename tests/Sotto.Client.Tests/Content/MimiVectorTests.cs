using System.Text;
using System.Text.RegularExpressions;
using Sotto.Client.Content;
using Sotto.Crypto.Native;

namespace Sotto.Client.Tests.Content;

/// <summary>The examples of draft-ietf-mimi-content-08.</summary>
public sealed partial class MimiVectorTests
{
    private const string Alice = "mimi://example.com/u/alice-smith";
    private const string Room = "mimi://example.com/r/engineering_team";

    private static readonly NativeCryptoProvider Crypto = new();

    [Fact]
    public void Every_example_is_read_written_and_named_as_in_the_draft()
    {
        var folder = VectorFile.PathOf("mimi");
        var count = 0;
        var failures = new List<string>();
        foreach (var path in Directory.GetFiles(folder, "*.edn").Where(path => !path.EndsWith("implied-original.edn", StringComparison.Ordinal)).Order())
        {
            if (Record.Exception(() => Check(path)) is { } failure)
                failures.Add($"{Path.GetFileName(path)}: {failure.Message}");
            count++;
        }

        Assert.Empty(failures);
        VectorFile.Ran("mimi", count, 14);
    }

    private static void Check(string path)
    {
        var encoded = File.ReadAllBytes(Path.ChangeExtension(path, ".cbor"));
        var content = MimiContent.Decode(encoded);
        Assert.Equal(Convert.ToHexString(encoded), Convert.ToHexString(content.Encode()));

        var sender = content.Extensions.FindText(ExtensionName.SenderUri) ?? Alice;
        var room = content.Extensions.FindText(ExtensionName.RoomUri) ?? Room;
        var id = MessageId.Of(Crypto, encoded, content.Salt.Span, sender, room);
        Assert.Equal(PublishedId(File.ReadAllText(path, Encoding.UTF8)), id.ToString());
    }

    /// <summary>The identifier stands in a comment over two lines.</summary>
    private static string PublishedId(string edn)
    {
        var match = Id().Match(edn);
        Assert.True(match.Success);
        return match.Groups[1].Value + match.Groups[2].Value;
    }

    [GeneratedRegex(@"# message ID = h'([0-9a-f]{32})\s*\n#\s*([0-9a-f]{32})'")]
    private static partial Regex Id();
}
