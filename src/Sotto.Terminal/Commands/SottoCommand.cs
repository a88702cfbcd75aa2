using System.CommandLine;

namespace Sotto.Terminal.Commands;

/// <summary>The root of all commands.</summary>
internal static class SottoCommand
{
    public static RootCommand Create() => new RootCommand("""
        Sotto: talk privately, on machines of your own.

        With a server of your own, which keeps messages for whoever is away:
          sotto host                 starts it and prints an invite; send it to one person
          sotto join INVITE          they run this, and you talk, encrypted and verified

        Two people, right now and with nothing in between:
          sotto direct host          prints an invite; send it to one person
          sotto direct join INVITE   they run this
        """)
    {
        DirectCommand.Create(),
        RelayCommand.Create(),
        WhereCommand.Create(),
    }.With(MessengerCommands.Create());

    private static RootCommand With(this RootCommand root, IEnumerable<Command> commands)
    {
        foreach (var command in commands)
            root.Add(command);
        return root;
    }
}
