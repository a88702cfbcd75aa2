using System.Runtime.CompilerServices;
using Bots;
using Sotto.Client.Tests.Running;

namespace Sotto.Client.Tests.Samples;

/// <summary>The bot of docs/sdk.md.</summary>
public sealed class EchoBotTests
{
    [Fact]
    public async Task It_answers_each_message_once_also_those_that_came_while_it_was_away()
    {
        var folder = Directory.CreateTempSubdirectory("sotto-client-");
        await using var relay = await TestRelay.StartAsync();
        await using var ann = await TestPerson.RegisterAsync("Ann", relay);
        var invite = (await ann.Client.CreateInviteAsync(TimeSpan.FromDays(1)).WaitAsync(TestPerson.Patience)).Link;
        var (file, key) = (Path.Combine(folder.FullName, "bot.db"), Fresh.Bytes(TestPerson.Crypto, 32));

        var conversation = await RunAsync(file, key, invite, async () =>
        {
            var started = (await ann.EventAsync<ConversationStarted>()).Conversation;
            var question = await started.SendAsync("hello");
            var answer = (await ann.EventAsync<MessageReceived>()).Message;
            Assert.Equal(("You said: hello", question.Id), (answer.Text, answer.InReplyTo));
            return started;
        });
        await conversation.SendAsync("are you there?");
        await ann.Client.FlushAsync().WaitAsync(TestPerson.Patience);
        await RunAsync(file, key, invite, async () =>
        {
            Assert.Equal("You said: are you there?", await ann.ReadAsync());
            await conversation.SendAsync("good");
            Assert.Equal("You said: good", await ann.ReadAsync());
            return conversation;
        });

        Assert.Equal(6, (await conversation.ReadAsync(100)).Count);
        folder.Delete(recursive: true);
    }

    [Fact]
    public void The_document_shows_the_bot_that_is_compiled_and_it_has_at_most_40_lines()
    {
        var root = Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../..");
        var bot = File.ReadAllText(Path.Combine(root, "samples/Sotto.Client.Samples/EchoBot.cs")).Trim();

        Assert.InRange(bot.Split('\n').Length, 1, 40);
        Assert.Contains($"```csharp\n{bot}\n```", File.ReadAllText(Path.Combine(root, "docs/sdk.md")), StringComparison.Ordinal);
    }

    /// <summary>Runs the bot while something is done, and stops it.</summary>
    private static async Task<T> RunAsync<T>(string file, byte[] key, string invite, Func<Task<T>> work)
    {
        using var stop = new CancellationTokenSource();
        var running = EchoBot.RunAsync(file, key, invite, stop.Token);
        var working = work();
        if (await Task.WhenAny(running, working) == running)
            await running;
        var result = await working;
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(TestPerson.Patience));
        return result;
    }

    private static string ThisFile([CallerFilePath] string file = "") => file;
}
