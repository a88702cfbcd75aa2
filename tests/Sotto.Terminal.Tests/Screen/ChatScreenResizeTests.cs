using System.Text;
using CsCheck;
using Sotto.Terminal.Screen;
using Sotto.Terminal.Typing;

namespace Sotto.Terminal.Tests.Screen;

/// <summary>After any resize the next redraw shows what a screen of that size from the start would show.</summary>
public sealed class ChatScreenResizeTests
{
    private static readonly ScreenStyle Plain = new(color: false);

    [Theory]
    [InlineData(12)]
    [InlineData(7)]
    [InlineData(3)]
    [InlineData(60)]
    public void After_a_resize_the_next_redraw_leaves_nothing_of_the_old_prompt(int newWidth)
    {
        var terminal = new FakeTerminal(20, 40);
        var screen = new ChatScreen(terminal, Plain);
        screen.Open();
        screen.Print(ChatLine.Peer("b", "first"));
        screen.SetStatus("holiday.jpg 42 %");
        const string text = "the quick brown 漢字 fox jumps over the lazy dog";
        screen.ShowInput(new EditorView(text, 30));
        terminal.Screen.Resize(newWidth, 40);
        screen.SetStatus(null);
        screen.Print(ChatLine.Peer("b", "2"));

        var expected = new FakeTerminal(newWidth, 40);
        expected.Write("<b> first\r\n<b> 2\r\n");
        var fresh = new ChatScreen(expected, Plain);
        fresh.Open();
        fresh.ShowInput(new EditorView(text, 30));
        Assert.Equal(expected.Screen.All, terminal.Screen.All);
        Assert.Equal(expected.Screen.Cursor, terminal.Screen.Cursor);
    }

    [Fact]
    public void Whatever_happens_the_screen_shows_the_printed_lines_and_then_the_prompt()
    {
        var text = Gen.OneOf("a", "漢", "e\u0301", "\n", "\e", "👩\u200D👧", " ", "word ").Array[0, 40].Select(string.Concat);
        var step = Gen.Select(Gen.Int[0, 3], text, Gen.Int[2, 30]);
        step.Array[1, 25].Sample(steps =>
        {
            var terminal = new FakeTerminal(16, 200);
            var screen = new ChatScreen(terminal, Plain);
            screen.Open();
            var printed = new StringBuilder();
            var (view, status) = (EditorView.Empty, (string?)null);
            foreach (var (action, words, number) in steps)
            {
                switch (action)
                {
                    case 0:
                        screen.ShowInput(view = new EditorView(words, Boundary(words, number)));
                        break;
                    case 1:
                        screen.SetStatus(status = number < 10 ? null : words);
                        break;
                    case 2:
                        terminal.Screen.Resize(number, 200);
                        break;
                    default:
                        screen.Print(ChatLine.Notice(words));
                        printed.Append(string.Concat(Plain.Rows(ChatLine.Notice(words)).Select(row => row + "\r\n")));
                        break;
                }
            }
            screen.ShowInput(view);

            var expected = new FakeTerminal(terminal.Width, 200);
            expected.Write(printed.ToString());
            var fresh = new ChatScreen(expected, Plain);
            fresh.Open();
            fresh.SetStatus(status);
            fresh.ShowInput(view);
            Assert.Equal(expected.Screen.All, terminal.Screen.All);
            Assert.Equal(expected.Screen.CursorInAll, terminal.Screen.CursorInAll);
        }, iter: 2000);
    }

    private static int Boundary(string text, int wanted)
    {
        var starts = System.Globalization.StringInfo.ParseCombiningCharacters(text);
        return starts.Length == 0 ? 0 : starts[wanted % starts.Length];
    }
}
