using System.CommandLine;

namespace Sotto.Terminal.Commands;

/// <summary>The root of all commands.</summary>
internal static class SottoCommand
{
    public static RootCommand Create() => new("""
        Sotto: talk privately, on machines of your own.

        Two people, right now, with nothing else to install:
          sotto direct host          prints an invite; send it to one person
          sotto direct join INVITE   they run this, and you talk, encrypted and verified
        """)
    {
        DirectCommand.Create(),
        RelayCommand.Create(),
        WhereCommand.Create(),
    };
}
