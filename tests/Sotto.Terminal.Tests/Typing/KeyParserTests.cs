using CsCheck;
using Sotto.Terminal.Typing;

namespace Sotto.Terminal.Tests.Typing;

public sealed class KeyParserTests
{
    private static readonly string[] Known =
    [
        "\e[A", "\eOB", "\e[1;5C", "\e[1;3D", "\e[3~", "\e[3;5~", "\eb", "\ef", "\ed", "\e\x7F", "\e\e[C", "\r", "\n", "\x7F", "\b", "\x01", "\x17",
        "\e[200~two\r\nlines \e[A\x03~ 漢字\e[201~", "\e[H", "\e[4~", "\e[13;2u", "\e[97;5u", "\e[27;5;98~", "\eOc", "\e[[A", "\e[99m", "x", "漢", "😀", "\t",
    ];

    [Theory]
    [InlineData("\e[A", nameof(KeyName.Up), 0)]
    [InlineData("\eOA", nameof(KeyName.Up), 0)]
    [InlineData("\e[B", nameof(KeyName.Down), 0)]
    [InlineData("\e[C", nameof(KeyName.Right), 0)]
    [InlineData("\eOD", nameof(KeyName.Left), 0)]
    [InlineData("\e[1;5C", nameof(KeyName.Right), (int)KeyModifiers.Control)]
    [InlineData("\e[1;3D", nameof(KeyName.Left), (int)KeyModifiers.Alt)]
    [InlineData("\e[1;2D", nameof(KeyName.Left), (int)KeyModifiers.Shift)]
    [InlineData("\e\e[D", nameof(KeyName.Left), (int)KeyModifiers.Alt)]
    [InlineData("\eOc", nameof(KeyName.Right), (int)KeyModifiers.Control)]
    [InlineData("\e[H", nameof(KeyName.Home), 0)]
    [InlineData("\eOH", nameof(KeyName.Home), 0)]
    [InlineData("\e[1~", nameof(KeyName.Home), 0)]
    [InlineData("\e[7~", nameof(KeyName.Home), 0)]
    [InlineData("\e[F", nameof(KeyName.End), 0)]
    [InlineData("\e[4~", nameof(KeyName.End), 0)]
    [InlineData("\e[8~", nameof(KeyName.End), 0)]
    [InlineData("\e[3~", nameof(KeyName.Delete), 0)]
    [InlineData("\e[3;5~", nameof(KeyName.Delete), (int)KeyModifiers.Control)]
    [InlineData("\e[3^", nameof(KeyName.Delete), (int)KeyModifiers.Control)]
    [InlineData("\x7F", nameof(KeyName.Backspace), 0)]
    [InlineData("\b", nameof(KeyName.Backspace), 0)]
    [InlineData("\e\x7F", nameof(KeyName.Backspace), (int)KeyModifiers.Alt)]
    [InlineData("\r", nameof(KeyName.Enter), 0)]
    [InlineData("\n", nameof(KeyName.Enter), 0)]
    [InlineData("\e\r", nameof(KeyName.Enter), (int)KeyModifiers.Alt)]
    [InlineData("\e[13;2u", nameof(KeyName.Enter), (int)(KeyModifiers.Shift | KeyModifiers.Alt))]
    [InlineData("\eOM", nameof(KeyName.Enter), 0)]
    public void Keys_are_known_by_their_sequences(string input, string name, int modifiers) =>
        Assert.Equal([new KeyPress(Enum.Parse<KeyName>(name), "", (KeyModifiers)modifiers)], Parse(input));

    [Theory]
    [InlineData("\x01", "a", (int)KeyModifiers.Control)]
    [InlineData("\x03", "c", (int)KeyModifiers.Control)]
    [InlineData("\x19", "y", (int)KeyModifiers.Control)]
    [InlineData("\eb", "b", (int)KeyModifiers.Alt)]
    [InlineData("\eF", "F", (int)KeyModifiers.Alt)]
    [InlineData("\e[97;5u", "a", (int)KeyModifiers.Control)]
    [InlineData("\e[27;5;98~", "b", (int)KeyModifiers.Control)]
    [InlineData("hello 漢字 😀", "hello 漢字 😀", (int)KeyModifiers.None)]
    public void Letters_and_chords_arrive_as_text(string input, string text, int modifiers) =>
        Assert.Equal([new KeyPress(KeyName.Text, text, (KeyModifiers)modifiers)], Parse(input));

    [Theory]
    [InlineData("\e[200~one\rtwo\e[201~", "one\rtwo")]
    [InlineData("\e[200~\e[201~", "")]
    [InlineData("\e[200~a~b\e[A\e[201x~\e[201~", "a~b\e[A\e[201x~")]
    [InlineData("\e[200~\e[200~x\e[201~", "\e[200~x")]
    public void Pasted_text_arrives_in_one_piece(string input, string pasted) =>
        Assert.Equal([KeyPress.Pasted(pasted), KeyPress.Typed("z")], Parse(input + "z"));

    [Theory]
    [InlineData("\e[99m")]
    [InlineData("\e[[A")]
    [InlineData("\e[?1;2c")]
    [InlineData("\e[<0;10;10M")]
    [InlineData("\t")]
    [InlineData("\0")]
    [InlineData("\u009B")]
    [InlineData("\e[99999999999999999999~")]
    [InlineData("\e[1114112u")]
    [InlineData("\e[55296u")]
    public void What_is_no_key_does_nothing_and_leaves_no_trace(string input) =>
        Assert.Equal([KeyName.Other, KeyName.Text], Parse(input + "z").Select(key => key.Name));

    [Fact]
    public void A_control_character_inside_a_sequence_counts_for_itself() =>
        Assert.Equal([KeyPress.Control('c'), KeyPress.Typed("z")], Parse("\e[1;\x03z"));

    [Fact]
    public void A_sequence_without_an_end_does_not_collect_for_ever() =>
        Assert.Equal(KeyName.Enter, Parse("\e[" + new string('1', 10_000) + "\r")[^1].Name);

    [Fact]
    public void Wherever_the_input_is_cut_the_keys_are_the_same() =>
        Gen.Select(Gen.OneOf(Known).Array[0, 12].Select(string.Concat), Gen.Int[1, 7].Array[1, 20]).Sample((input, sizes) =>
        {
            var parser = new KeyParser();
            var keys = new List<KeyPress>();
            for (int at = 0, i = 0; at < input.Length; i++)
            {
                var size = Math.Min(sizes[i % sizes.Length], input.Length - at);
                parser.Feed(input.AsSpan(at, size), keys);
                at += size;
            }
            return Joined(keys).SequenceEqual(Joined(Parse(input)));
        }, iter: 20_000);

    [Fact]
    public void Any_input_is_taken() =>
        Gen.OneOf(Gen.Char, Gen.OneOf('\e', '[', 'O', ';', '~', '2', '0', '1', 'u')).Array[0, 60].Sample(input =>
        {
            var keys = Parse(new string(input));
            return keys.All(key => Enum.IsDefined(key.Name));
        }, iter: 20_000);

    /// <summary>Neighbouring pieces of typed text as one: how input is cut decides only that.</summary>
    private static List<KeyPress> Joined(List<KeyPress> keys)
    {
        var joined = new List<KeyPress>();
        foreach (var key in keys)
        {
            if (key is { Name: KeyName.Text, Modifiers: KeyModifiers.None } && joined.Count > 0 && joined[^1] is { Name: KeyName.Text, Modifiers: KeyModifiers.None } last)
                joined[^1] = KeyPress.Typed(last.Text + key.Text);
            else
                joined.Add(key);
        }
        return joined;
    }

    private static List<KeyPress> Parse(string input)
    {
        var keys = new List<KeyPress>();
        new KeyParser().Feed(input, keys);
        return keys;
    }
}
