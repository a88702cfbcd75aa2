using System.CommandLine;
using Sotto.Terminal.Client;

namespace Sotto.Terminal.Commands;

/// <summary>The root of all commands.</summary>
internal static class SottoCommand
{
    private const string Description = """
        Sotto: talk privately, on machines of your own.

        With a server of your own, which keeps messages for whoever is away:
          sotto host                 starts it and prints an invite; send it to one person
          sotto join INVITE          they run this, and you talk, encrypted and verified

        Two people, right now and with nothing in between:
          sotto direct host          prints an invite; send it to one person
          sotto direct join INVITE   they run this

        Without a command: your chats, and talking in them.
        """;

    public static RootCommand Create()
    {
        var root = new RootCommand(Description)
        {
            DirectCommand.Create(),
            RelayCommand.Create(),
            WhereCommand.Create(),
            CompletionCommand.Create(),
        }.With(MessengerCommands.Create());
        root.SetAction((_, cancellation) => ClientProfile.Exists ? ChatsRun.RunAsync(cancellation) : Task.FromResult(WithoutAccount(root)));
        return root;
    }

    /// <summary>Help that nobody asked for goes to stderr.</summary>
    private static int WithoutAccount(RootCommand root)
    {
        root.Parse("--help").Invoke(new InvocationConfiguration { Output = Console.Error });
        return Guarded.Fail("There is no account here yet. Begin with sotto host, or sotto join INVITE.", ExitCode.Usage);
    }

    private static RootCommand With(this RootCommand root, IEnumerable<Command> commands)
    {
        foreach (var command in commands)
            root.Add(command);
        return root;
    }
}
