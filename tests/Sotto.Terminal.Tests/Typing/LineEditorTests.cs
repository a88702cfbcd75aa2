using System.Globalization;
using CsCheck;
using Sotto.Terminal.Typing;

namespace Sotto.Terminal.Tests.Typing;

/// <summary>Keys are written as a terminal sends them, with names in angle brackets; <c>|</c> in what is expected is the cursor.</summary>
public sealed class LineEditorTests
{
    private static readonly (string Name, string Sequence)[] Keys =
    [
        ("<Left>", "\e[D"), ("<Right>", "\e[C"), ("<Up>", "\e[A"), ("<Down>", "\e[B"), ("<Home>", "\e[H"), ("<End>", "\e[F"),
        ("<C-Left>", "\e[1;5D"), ("<C-Right>", "\e[1;5C"), ("<M-Left>", "\e[1;3D"), ("<BS>", "\x7F"), ("<M-BS>", "\e\x7F"),
        ("<Del>", "\e[3~"), ("<C-Del>", "\e[3;5~"), ("<Enter>", "\r"), ("<M-Enter>", "\e\r"), ("<Paste>", "\e[200~"), ("</Paste>", "\e[201~"),
        ("<C-a>", "\x01"), ("<C-b>", "\x02"), ("<C-c>", "\x03"), ("<C-d>", "\x04"), ("<C-e>", "\x05"), ("<C-f>", "\x06"), ("<C-h>", "\b"),
        ("<C-k>", "\v"), ("<C-l>", "\f"), ("<C-n>", "\x0E"), ("<C-p>", "\x10"), ("<C-t>", "\x14"), ("<C-u>", "\x15"), ("<C-w>", "\x17"), ("<C-y>", "\x19"),
        ("<C-z>", "\x1A"), ("<M-b>", "\eb"), ("<M-f>", "\ef"), ("<M-d>", "\ed"), ("<M-x>", "\ex"), ("<Tab>", "\t"), ("<Esc>", "\e"),
    ];

    [Theory]
    [InlineData("", "|")]
    [InlineData("abc", "abc|")]
    [InlineData("abc<Left><Left>X", "aX|bc")]
    [InlineData("abc<Left><Left><Left><Left>X", "X|abc")]
    [InlineData("abc<C-b><C-b><C-f>X", "abX|c")]
    [InlineData("abc<Home>X<End>Y", "XabcY|")]
    [InlineData("abc<C-a>X<C-e>Y", "XabcY|")]
    [InlineData("abc<BS>", "ab|")]
    [InlineData("abc<C-h><C-h>", "a|")]
    [InlineData("<BS>a", "a|")]
    [InlineData("abc<Home><Del>", "|bc")]
    [InlineData("abc<Left><C-d>", "ab|")]
    [InlineData("abc<Del>", "abc|")]
    [InlineData("one two three<C-Left>X", "one two X|three")]
    [InlineData("one two three<C-Left><C-Left>", "one |two three")]
    [InlineData("one two three<M-b><M-b><M-f>", "one two| three")]
    [InlineData("one two<Home><C-Right>", "one| two")]
    [InlineData("one  -- two<M-b><M-b>", "|one  -- two")]
    [InlineData("one two<M-Left>", "one |two")]
    [InlineData("Grüße e\u0301te\u0301<M-b>", "Grüße |e\u0301te\u0301")]
    [InlineData("one two/three<C-w>", "one |")]
    [InlineData("one two/three<M-BS>", "one two/|")]
    [InlineData("one two   <C-w>", "one |")]
    [InlineData("one two<Home><M-d>", "| two")]
    [InlineData("one two<Home><C-Del>", "| two")]
    [InlineData("one two<C-Left><C-k>", "one |")]
    [InlineData("one two<C-Left><C-u>", "|two")]
    [InlineData("one two<C-u><C-y><C-y>", "one twoone two|")]
    [InlineData("one two three<C-w><C-w><C-y>", "one two three|")]
    [InlineData("one two three<C-w><Left><C-w><C-y>", "one two| ")]
    [InlineData("one two three<Home><M-d><M-d><End>!<C-y>", " three!one two|")]
    [InlineData("abcd<Left><Left><C-u><C-k><C-y>", "abcd|")]
    [InlineData("abc<C-y>", "abc|")]
    [InlineData("ab<C-t>", "ba|")]
    [InlineData("abc<Left><Left><C-t>", "ba|c")]
    [InlineData("a<C-t>", "a|")]
    [InlineData("abc<C-c>", "|")]
    [InlineData("abc<C-z><Tab><M-x>d", "abcd|")]
    [InlineData("one<M-Enter>two", "one\ntwo|")]
    [InlineData("<Esc>bX", "X|")]
    public void Editing_keys_do_what_a_shell_does(string keys, string expected) => Assert.Equal(expected, Shown(Typed(keys)));

    [Theory]
    [InlineData("👩\u200D👩\u200D👧<BS>", "|")]
    [InlineData("x👩\u200D👩\u200D👧y<Left><Left>", "x|👩\u200D👩\u200D👧y")]
    [InlineData("🇩🇪🇯🇵<Left>", "🇩🇪|🇯🇵")]
    [InlineData("e\u0301e\u0301<Left><BS>", "|e\u0301")]
    [InlineData("कि<BS>", "|")]
    [InlineData("\u1112\u1161\u11AB가<Left>", "\u1112\u1161\u11AB|가")]
    [InlineData("漢字<Left><Del>", "漢|")]
    [InlineData("🇩a🇪<Left><BS>", "🇩🇪|")]
    [InlineData("a\U0001F600<C-t>", "\U0001F600a|")]
    public void The_cursor_moves_by_what_a_person_calls_a_character(string keys, string expected) => Assert.Equal(expected, Shown(Typed(keys)));

    [Theory]
    [InlineData("one<Enter>two<Enter><Up>", "two|")]
    [InlineData("one<Enter>two<Enter><Up><Up>", "one|")]
    [InlineData("one<Enter>two<Enter><Up><Up><Up>", "one|")]
    [InlineData("one<Enter>unfinished<Up><Down>", "unfinished|")]
    [InlineData("one<Enter>unfinished<C-p><C-n><Down>", "unfinished|")]
    [InlineData("one<Enter>one<Enter>two<Enter>two<Enter><Up><Up>", "one|")]
    [InlineData("one<Enter><Enter>   <Enter><Up>", "one|")]
    [InlineData("one<Enter>two<Enter><Up>!<Up>?<Down>", "two!|")]
    [InlineData("one<Enter><Up>!<Enter><Up><Up>", "one|")]
    [InlineData("one<Enter>un<Up><C-c><Down><Up>", "one|")]
    [InlineData("<Up><Down>x", "x|")]
    public void History_walks_back_and_keeps_the_unfinished_line(string keys, string expected) => Assert.Equal(expected, Shown(Typed(keys)));

    [Fact]
    public void History_holds_five_hundred_lines()
    {
        var editor = Typed(string.Concat(Enumerable.Range(0, 600).Select(i => $"{i}<Enter>")) + string.Concat(Enumerable.Repeat("<Up>", 700)));
        Assert.Equal("100|", Shown(editor));
    }

    [Theory]
    [InlineData("hello<Enter>", "hello")]
    [InlineData("<Enter>", "")]
    [InlineData("<Paste>one\r\ntwo\rthree\nfour</Paste><Enter>", "one/two/three/four")]
    [InlineData("<Paste>one\ntwo\n</Paste><Enter>", "one/two")]
    [InlineData("<Paste>\n</Paste><Enter>", "")]
    [InlineData("<Paste>one\n\ntwo</Paste><Enter>", "one//two")]
    [InlineData("say <Paste>one\ntwo</Paste>!<Enter>", "say one/two!")]
    [InlineData("<Paste>a\tb\e[31m</Paste><Enter>", "a\tb\e[31m")]
    [InlineData("one<M-Enter>two<Enter>", "one/two")]
    public void Enter_hands_over_all_lines_in_order(string keys, string lines)
    {
        var editor = new LineEditor();
        var submitted = Assert.IsType<EditOutcome.Submitted>(Type(editor, keys)[^1]);
        Assert.Equal(lines, string.Join('/', submitted.Lines));
        Assert.Equal(EditorView.Empty, editor.View);
    }

    [Fact]
    public void A_paste_is_not_submitted_before_enter_and_can_be_edited()
    {
        var editor = new LineEditor();
        Assert.All(Type(editor, "<Paste>one\ntwo</Paste><C-Left><BS>"), outcome => Assert.IsType<EditOutcome.Changed>(outcome));
        Assert.Equal("one|two", Shown(editor));
    }

    [Theory]
    [InlineData("<C-c>", typeof(EditOutcome.QuitAsked))]
    [InlineData("a<C-c><C-c>", typeof(EditOutcome.QuitAsked))]
    [InlineData("a<C-c>", typeof(EditOutcome.Changed))]
    [InlineData("<C-d>", typeof(EditOutcome.EndOfInput))]
    [InlineData("a<BS><C-d>", typeof(EditOutcome.EndOfInput))]
    [InlineData("a<C-d>", typeof(EditOutcome.Nothing))]
    [InlineData("a<Home><C-d>", typeof(EditOutcome.Changed))]
    [InlineData("abc<C-l>", typeof(EditOutcome.ClearAsked))]
    [InlineData("<Left>", typeof(EditOutcome.Nothing))]
    [InlineData("<BS>", typeof(EditOutcome.Nothing))]
    [InlineData("<Paste></Paste>", typeof(EditOutcome.Nothing))]
    public void Each_key_tells_what_came_of_it(string keys, Type outcome) => Assert.IsType(outcome, Type(new LineEditor(), keys)[^1]);

    [Fact]
    public void Halves_of_a_character_that_arrive_apart_are_joined_and_a_lone_half_is_dropped()
    {
        var editor = new LineEditor();
        foreach (var half in "\uD83D\uDE00\uDE00\uD83Dx")
            editor.Handle(KeyPress.Typed(half.ToString()));
        Assert.Equal("😀x|", Shown(editor));
    }

    [Fact]
    public void A_large_text_stays_editable()
    {
        var editor = new LineEditor();
        editor.Handle(KeyPress.Pasted(string.Concat(Enumerable.Repeat("漢字 word\n", 20_000))));
        Type(editor, "<Left><Left>X<M-b><C-w>Y");
        Assert.Equal(20_000, editor.View.Text.Count(c => c == '\n'));
        Assert.EndsWith("\nYworXd\n", editor.View.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_is_pressed_nothing_throws_and_the_cursor_stays_between_characters()
    {
        var texts = Gen.OneOf("a", "Z", " ", ".", "漢", "\u0301", "\u200D", "👩", "🇩", "\u1112", "\u1161", "\n", "क", "्", "\uD83D", "\uDE00", "\t", "\0");
        var text = texts.Array[0, 5].Select(string.Concat);
        var modifiers = Gen.Int[0, 7].Select(bits => (KeyModifiers)bits);
        var chord = Gen.Select(Gen.Char['a', 'z'], modifiers, (letter, held) => new KeyPress(KeyName.Text, letter.ToString(), held));
        var named = Gen.Select(Gen.Enum<KeyName>(), text, modifiers, (name, words, held) => new KeyPress(name, words, held));
        var typed = text.Select(KeyPress.Typed);
        Gen.OneOf(chord, named, typed).Array[0, 60].Sample(keys =>
        {
            var editor = new LineEditor();
            foreach (var key in keys)
            {
                var before = editor.View;
                var outcome = editor.Handle(key);
                AssertSound(editor.View);
                if (outcome is EditOutcome.Nothing)
                    Assert.Equal(before, editor.View);
            }
        }, iter: 20_000);
    }

    private static void AssertSound(EditorView view)
    {
        Assert.InRange(view.Cursor, 0, view.Text.Length);
        Assert.DoesNotContain('\r', view.Text);
        if (view.Cursor < view.Text.Length)
            Assert.Contains(view.Cursor, StringInfo.ParseCombiningCharacters(view.Text));
    }

    private static LineEditor Typed(string keys)
    {
        var editor = new LineEditor();
        Type(editor, keys);
        return editor;
    }

    private static List<EditOutcome> Type(LineEditor editor, string keys)
    {
        foreach (var (name, sequence) in Keys)
            keys = keys.Replace(name, sequence, StringComparison.Ordinal);
        var pressed = new List<KeyPress>();
        new KeyParser().Feed(keys, pressed);
        return [.. pressed.Select(editor.Handle)];
    }

    private static string Shown(LineEditor editor) => editor.View.Text.Insert(editor.View.Cursor, "|");
}
