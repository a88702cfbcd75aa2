namespace Sotto.Terminal.Typing;

/// <summary>What a key did.</summary>
internal abstract record EditOutcome
{
    private EditOutcome()
    {
    }

    /// <summary>Nothing that shows.</summary>
    public sealed record Nothing : EditOutcome
    {
        /// <summary>The only instance.</summary>
        public static readonly Nothing Instance = new();
    }

    /// <summary>The line or the cursor changed and should be shown again.</summary>
    public sealed record Changed : EditOutcome
    {
        /// <summary>The only instance.</summary>
        public static readonly Changed Instance = new();
    }

    /// <summary>The person wants the window emptied (Ctrl-L).</summary>
    public sealed record ClearAsked : EditOutcome
    {
        /// <summary>The only instance.</summary>
        public static readonly ClearAsked Instance = new();
    }

    /// <summary>Enter: one line, empty if nothing was typed, or several in order if line breaks were pasted.</summary>
    /// <param name="Lines">At least one; without line breaks in them.</param>
    public sealed record Submitted(IReadOnlyList<string> Lines) : EditOutcome;

    /// <summary>Ctrl-C on an empty line.</summary>
    public sealed record QuitAsked : EditOutcome
    {
        /// <summary>The only instance.</summary>
        public static readonly QuitAsked Instance = new();
    }

    /// <summary>Ctrl-D on an empty line, or the terminal is gone.</summary>
    public sealed record EndOfInput : EditOutcome
    {
        /// <summary>The only instance.</summary>
        public static readonly EndOfInput Instance = new();
    }
}
