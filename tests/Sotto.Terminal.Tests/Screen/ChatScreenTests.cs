using Sotto.Terminal.Screen;
using Sotto.Terminal.Typing;

namespace Sotto.Terminal.Tests.Screen;

public sealed class ChatScreenTests
{
    private static readonly ScreenStyle Plain = new(color: false);
    private static readonly ScreenStyle Colored = new(color: true);

    [Fact]
    public void An_incoming_line_leaves_the_line_being_typed_whole()
    {
        var (terminal, screen) = Opened();
        screen.ShowInput(new EditorView("half a thou", 4));
        screen.Print(ChatLine.Peer("bob", "hello"));
        Assert.Equal(["<bob> hello", "> half a thou"], terminal.Screen.Visible);
        Assert.Equal((1, 6), terminal.Screen.Cursor);
    }

    [Fact]
    public void A_typed_line_longer_than_the_window_takes_rows_and_survives_incoming_lines()
    {
        var (terminal, screen) = Opened(width: 10);
        screen.ShowInput(new EditorView("abcdefghijklmnopqrstuvwxyz", 13));
        screen.Print(ChatLine.Peer("b", "1"));
        screen.Print(ChatLine.Peer("b", "a line longer than the window"));
        Assert.Equal(
            ["<b> 1", "<b> a line", " longer th", "an the win", "dow", "> abcdefgh", "ijklmnopqr", "stuvwxyz"],
            terminal.Screen.Visible);
        Assert.Equal((6, 5), terminal.Screen.Cursor);
    }

    [Theory]
    [InlineData(8, 10, 1, 0)]
    [InlineData(7, 10, 0, 9)]
    [InlineData(0, 10, 0, 2)]
    [InlineData(18, 10, 2, 0)]
    public void The_cursor_goes_to_the_next_row_when_the_row_is_full(int typed, int width, int row, int column)
    {
        var (terminal, screen) = Opened(width);
        screen.ShowInput(new EditorView(new string('x', typed), typed));
        Assert.Equal((row, column), terminal.Screen.Cursor);
        screen.Print(ChatLine.Notice("n"));
        Assert.Equal("· n", terminal.Screen.Visible[0]);
        Assert.Equal((row + 1, column), terminal.Screen.Cursor);
    }

    [Fact]
    public void Wide_and_combining_characters_keep_the_cursor_in_its_place()
    {
        var (terminal, screen) = Opened(width: 11);
        const string text = "漢字e\u0301漢字漢x";
        screen.ShowInput(new EditorView(text, 4));
        Assert.Equal(["> 漢字e\u0301漢字", "漢x"], terminal.Screen.Visible);
        Assert.Equal((0, 7), terminal.Screen.Cursor);
        screen.ShowInput(new EditorView(text, text.Length));
        Assert.Equal((1, 3), terminal.Screen.Cursor);
    }

    [Fact]
    public void A_wide_character_does_not_straddle_two_rows()
    {
        var (terminal, screen) = Opened(width: 5);
        screen.ShowInput(new EditorView("漢字漢", 3));
        Assert.Equal(["> 漢", "字漢"], terminal.Screen.Visible);
    }

    [Fact]
    public void A_terminal_that_measures_emoji_otherwise_still_has_the_cursor_between_the_right_characters()
    {
        var narrow = new VirtualScreen(20, 6) { Measure = rune => rune.Value is 0x200D or 0xFE0F ? 0 : 1 };
        var (terminal, screen) = Opened(new FakeTerminal(narrow));
        const string family = "👩\u200D👩\u200D👧";
        screen.ShowInput(new EditorView(family + "ab", family.Length + 1));
        screen.Print(ChatLine.Notice("n"));
        Assert.Equal(["· n", $"> {family}ab"], terminal.Screen.Visible);
        Assert.Equal((1, 2 + 3 + 1), terminal.Screen.Cursor);
    }

    [Fact]
    public void A_window_one_column_wide_shows_something_and_does_not_fail()
    {
        var (terminal, screen) = Opened(width: 1, height: 12);
        screen.ShowInput(new EditorView("a漢b", 3));
        screen.Print(ChatLine.Notice("x"));
        Assert.Equal(["·", "", "x", ">", "", "a", "?", "b"], terminal.Screen.Visible);
    }

    [Fact]
    public void Line_breaks_and_controls_in_the_typed_text_show_as_marks()
    {
        var (terminal, screen) = Opened();
        screen.ShowInput(new EditorView("one\ntwo\t\e[2J\u202E", 4));
        Assert.Equal(["> one⏎two    ␛[2J⟦U+202E⟧"], terminal.Screen.Visible);
        Assert.Equal((0, 6), terminal.Screen.Cursor);
    }

    [Fact]
    public void The_status_line_is_replaced_in_place_and_taken_away()
    {
        var (terminal, screen) = Opened();
        screen.ShowInput(new EditorView("typing", 6));
        screen.SetStatus("a.jpg 41 %");
        screen.SetStatus("a.jpg 42 %");
        screen.Print(ChatLine.Notice("n"));
        Assert.Equal(["· n", "a.jpg 42 %", "> typing"], terminal.Screen.All);
        screen.SetStatus(null);
        Assert.Equal(["· n", "> typing"], terminal.Screen.All);
        Assert.Equal((1, 8), terminal.Screen.Cursor);
    }

    [Fact]
    public void A_status_wider_than_the_window_is_cut_and_cannot_hold_controls()
    {
        var (terminal, screen) = Opened(width: 12);
        screen.SetStatus("漢字漢字\e漢字.jpg 42 %");
        Assert.Equal(["漢字漢字␛漢…", ">"], terminal.Screen.Visible);
    }

    [Fact]
    public void A_typed_text_longer_than_the_window_is_high_shows_the_rows_around_the_cursor()
    {
        var (terminal, screen) = Opened(width: 10, height: 4);
        var text = string.Concat(Enumerable.Range(0, 20).Select(i => $"{i:00}--------"));
        screen.ShowInput(new EditorView(text, 104));
        Assert.Equal(["⋮ 8 more …", "--08------", "--09------"], terminal.Screen.Visible[..3]);
        Assert.Equal((3, 6), terminal.Screen.Cursor);
        screen.Print(ChatLine.Notice("n"));
        screen.ShowInput(EditorView.Empty);
        Assert.Equal(["· n", ">"], terminal.Screen.All);
    }

    [Fact]
    public void Everything_printed_stays_in_the_scroll_back()
    {
        var (terminal, screen) = Opened(width: 20, height: 5);
        screen.SetStatus("s");
        screen.ShowInput(new EditorView("some text over two rows", 3));
        for (var i = 0; i < 50; i++)
            screen.Print(ChatLine.Peer("b", $"line {i}"));
        Assert.Equal(
            [.. Enumerable.Range(0, 50).Select(i => $"<b> line {i}"), "s", "> some text over two", " rows"],
            terminal.Screen.All);
    }

    [Fact]
    public void Clearing_moves_the_window_into_the_scroll_back_and_keeps_the_prompt_on_top()
    {
        var (terminal, screen) = Opened(width: 20, height: 5);
        for (var i = 0; i < 3; i++)
            screen.Print(ChatLine.Notice($"{i}"));
        screen.ShowInput(new EditorView("typed", 2));
        screen.Clear();
        Assert.Equal(["> typed"], terminal.Screen.Visible);
        Assert.Equal((0, 4), terminal.Screen.Cursor);
        Assert.Equal(["· 0", "· 1", "· 2", "> typed"], terminal.Screen.All);
    }

    [Fact]
    public void Closed_the_prompt_is_gone_and_lines_still_print()
    {
        var (terminal, screen) = Opened();
        screen.SetStatus("s");
        screen.ShowInput(new EditorView("typed", 5));
        screen.Close();
        screen.Print(ChatLine.Notice("bye"));
        Assert.Equal(["· bye"], terminal.Screen.All);
        Assert.Equal((1, 0), terminal.Screen.Cursor);
    }

    [Fact]
    public void A_question_takes_the_place_of_the_prompt()
    {
        var (terminal, screen) = Opened();
        screen.SetPrompt("take it? [y/N] \e");
        screen.ShowInput(new EditorView("y", 1));
        Assert.Equal(["take it? [y/N] ␛y"], terminal.Screen.Visible);
    }

    [Fact]
    public void Rows_of_a_message_of_several_lines_are_indented_so_that_none_passes_for_a_line_of_its_own()
    {
        var (terminal, screen) = Opened();
        screen.Print(ChatLine.Peer("bob", "one\r\n<you> I agree\n! key changed"));
        Assert.Equal(["<bob> one", "      <you> I agree", "      ! key changed", ">"], terminal.Screen.Visible);
    }

    [Fact]
    public void A_name_can_neither_command_the_terminal_nor_fill_the_row()
    {
        var (terminal, screen) = Opened(width: 60);
        screen.Print(ChatLine.Peer("\e[2J" + new string('n', 100), "hi"));
        Assert.Equal($"<␛[2J{new string('n', 27)}…> hi", terminal.Screen.Visible[0]);
    }

    [Fact]
    public void Without_colour_no_attribute_is_ever_sent()
    {
        var (terminal, screen) = Opened();
        ShowEverything(screen);
        Assert.DoesNotMatch("\e\\[[0-9;]*m", terminal.Written.ToString());
    }

    [Fact]
    public void With_colour_warnings_are_red_and_the_screen_reads_the_same()
    {
        var colored = new FakeTerminal();
        var screen = new ChatScreen(colored, Colored);
        screen.Open();
        ShowEverything(screen);
        var (plain, plainScreen) = Opened();
        ShowEverything(plainScreen);
        Assert.Contains("\e[1;31mkey changed\e[0m", colored.Written.ToString(), StringComparison.Ordinal);
        Assert.Equal(plain.Screen.All, colored.Screen.All);
    }

    [Fact]
    public async Task Lines_printed_by_many_tasks_while_keys_are_handled_all_arrive_whole_and_in_each_tasks_order()
    {
        var (terminal, screen) = Opened(width: 30, height: 6);
        var printers = Enumerable.Range(0, 4).Select(task => Task.Run(() =>
        {
            for (var i = 0; i < 200; i++)
                screen.Print(ChatLine.Peer($"t{task}", $"{i}"));
        }));
        var typist = Task.Run(() =>
        {
            for (var i = 0; i <= 200; i++)
                screen.ShowInput(new EditorView(new string('x', i % 50), i % 50));
        });
        await Task.WhenAll([.. printers, typist]);
        screen.ShowInput(new EditorView("whole", 5));
        var rows = terminal.Screen.All;
        Assert.Equal("> whole", rows[^1]);
        Assert.Equal(801, rows.Length);
        for (var task = 0; task < 4; task++)
        {
            var own = rows.Where(row => row.StartsWith($"<t{task}>", StringComparison.Ordinal));
            Assert.Equal(Enumerable.Range(0, 200).Select(i => $"<t{task}> {i}"), own);
        }
        Assert.False(terminal.Overlapped);
    }

    private static void ShowEverything(ChatScreen screen)
    {
        screen.SetStatus("42 %");
        screen.ShowInput(new EditorView("typed", 2));
        screen.Print(ChatLine.Own("you", "a"));
        screen.Print(ChatLine.Peer("bob", "b"));
        screen.Print(ChatLine.Notice("c"));
        screen.Print(ChatLine.Warning("key changed"));
    }

    private static (FakeTerminal Terminal, ChatScreen Screen) Opened(int width = 40, int height = 10) =>
        Opened(new FakeTerminal(width, height));

    private static (FakeTerminal Terminal, ChatScreen Screen) Opened(FakeTerminal terminal)
    {
        var screen = new ChatScreen(terminal, Plain);
        screen.Open();
        return (terminal, screen);
    }
}
