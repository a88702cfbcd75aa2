namespace Sotto.Direct.Paper;

/// <summary>What <c>--paper</c> says before anything else.</summary>
public static class PaperWarning
{
    /// <summary>Plain text of a few lines, without colour and without a line break at its end.</summary>
    public const string Text =
        """
        Paper mode talks like the program in the paper, for study. It does not protect against these:
          - One key for everything, both ways, for as long as you use it. Who gets it, now or later, can
            read every line ever sent with it and write lines in either name (no forward secrecy).
          - You have to hand the key over yourselves. Nothing here keeps it safe on that way.
          - Nobody's identity is checked. Whoever has the key is "the peer"; it need not be who you think.
          - Lines that are held back, left out or put in another order within 60 seconds go unnoticed.
            Repeated lines are refused only while this program runs, only here, and not by a Python peer.
          - The length of every line and the second in which it was sent are readable on the wire.
          - Anybody who can reach the port can connect, and keeps the one place taken until they leave.
        Without --paper the first four are gone and the last two are less: see the threat model.
        """;
}
