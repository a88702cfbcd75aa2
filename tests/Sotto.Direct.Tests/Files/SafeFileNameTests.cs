using System.Globalization;
using System.Text;
using CsCheck;
using Sotto.Direct.Files;

namespace Sotto.Direct.Tests.Files;

public sealed class SafeFileNameTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sotto-names-").FullName;

    public static TheoryData<int> NastyIndexes => [.. Enumerable.Range(0, NastyNames.All.Count)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_table_has_at_least_three_hundred_different_names() =>
        Assert.True(NastyNames.All.Distinct().Count() >= 300, $"{NastyNames.All.Distinct().Count()}");

    [Theory]
    [MemberData(nameof(NastyIndexes))]
    public void A_nasty_name_becomes_safe_by_the_rules_of_Linux(int index) => AssertSafeOnUnix(SafeFileName.From(NastyNames.All[index]));

    [Theory]
    [MemberData(nameof(NastyIndexes))]
    public void A_nasty_name_becomes_safe_by_the_rules_of_Windows(int index) => AssertSafeOnWindows(SafeFileName.From(NastyNames.All[index]));

    [Theory]
    [MemberData(nameof(NastyIndexes))]
    public void A_nasty_name_shows_nothing_hidden_and_stays_the_same_when_made_safe_again(int index)
    {
        var name = SafeFileName.From(NastyNames.All[index]);
        AssertVisible(name);
        Assert.Equal(name, SafeFileName.From(name));
        Assert.Equal(name, Nfc.Normalize(name));
    }

    [Fact]
    public void Every_nasty_name_makes_a_file_inside_the_folder_and_never_the_same_one_twice()
    {
        var made = new HashSet<string>(StringComparer.Ordinal);
        foreach (var nasty in NastyNames.All)
        {
            using var file = SafeFileName.Unique(_folder, nasty);
            Assert.Equal(_folder, Path.GetDirectoryName(file.Name));
            Assert.True(made.Add(file.Name), file.Name);
            Assert.True(Encoding.UTF8.GetByteCount(Path.GetFileName(file.Name)) <= 255);
        }
        Assert.Equal(made.Order(StringComparer.Ordinal), Directory.GetFileSystemEntries(_folder).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("holiday.jpg", "holiday.jpg")]
    [InlineData("Urlaub in Köln (2).JPG", "Urlaub in Köln (2).JPG")]
    [InlineData("報告書.pdf", "報告書.pdf")]
    [InlineData("تقرير.pdf", "تقرير.pdf")]
    [InlineData("हिन्दी.txt", "हिन्दी.txt")]
    [InlineData("😀.png", "😀.png")]
    [InlineData("a.tar.gz", "a.tar.gz")]
    [InlineData("100% [final] {v2} & more, +1 = ok!.txt", "100% [final] {v2} & more, +1 = ok!.txt")]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("C:\\Users\\bob\\photo.jpg", "photo.jpg")]
    [InlineData("C:photo.jpg", "C_photo.jpg")]
    [InlineData("photo\u202Egnp.exe", "photognp.exe")]
    [InlineData("invoice.pdf          .exe", "invoice.pdf .exe")]
    [InlineData("file.txt::$DATA", "file.txt__$DATA")]
    [InlineData("e\u0301te\u0301.txt", "été.txt")]
    [InlineData(".bashrc", "bashrc")]
    [InlineData("--help", "help")]
    [InlineData("name. . ", "name")]
    [InlineData("a\nb.txt", "a_b.txt")]
    [InlineData("nul.txt", "_nul.txt")]
    [InlineData("COM¹.log", "_COM¹.log")]
    [InlineData("console.log", "console.log")]
    [InlineData("Desktop.ini", "_Desktop.ini")]
    [InlineData("desktop.png", "desktop.png")]
    [InlineData("..", "file")]
    [InlineData("", "file")]
    [InlineData("\u200B\u3164", "file")]
    public void Names_keep_what_is_harmless(string name, string expected) => Assert.Equal(expected, SafeFileName.From(name));

    [Theory]
    [InlineData(300, ".txt", ".txt")]
    [InlineData(300, ".tar.gz", ".tar.gz")]
    [InlineData(300, ".JPEG", ".JPEG")]
    public void A_long_name_is_cut_before_its_extension(int length, string extension, string kept)
    {
        var name = SafeFileName.From(new string('a', length) + extension);
        Assert.Equal(new string('a', SafeFileName.MaxBytes - kept.Length) + kept, name);
    }

    [Fact]
    public void A_long_name_is_cut_between_characters_not_inside_one()
    {
        var name = SafeFileName.From(string.Concat(Enumerable.Repeat("👍🏽", 100)) + ".png");
        Assert.Equal(string.Concat(Enumerable.Repeat("👍🏽", 29)) + ".png", name);
    }

    [Fact]
    public void Whatever_a_peer_sends_the_name_is_safe()
    {
        var hostile = Gen.OneOf("..", "/", "\\", ".", " ", "-", "CON", "nul", "com1", ":", "\u202E", "\u200D", "\0", "e\u0301", "漢", "😀", "\uD800", ".tar", ".gz", new string('x', 120), "\u0301", "~", "_");
        Gen.OneOf(hostile, Gen.String).Array[0, 12].Select(string.Concat).Sample(peer =>
        {
            var name = SafeFileName.From(peer);
            AssertSafeOnUnix(name);
            AssertSafeOnWindows(name);
            AssertVisible(name);
            Assert.Equal(name, SafeFileName.From(name));
        }, iter: 20_000);
    }

    [Fact]
    public void A_name_that_is_taken_gets_a_number_before_its_extension()
    {
        Assert.Equal(["a.tar.gz", "a (1).tar.gz", "a (2).tar.gz"], [Made("a.tar.gz"), Made("a.tar.gz"), Made("x/a.tar.gz")]);
        Assert.Equal(["b", "b (1)"], [Made("b"), Made("b")]);
    }

    [Fact]
    public void Nothing_is_overwritten_or_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Making links needs a privilege on Windows.");
        File.WriteAllText(Path.Combine(_folder, "a.txt"), "mine");
        Directory.CreateDirectory(Path.Combine(_folder, "a (1).txt"));
        var outside = Path.Combine(_folder, "outside");
        File.CreateSymbolicLink(Path.Combine(_folder, "a (2).txt"), outside);
        Assert.Equal("a (3).txt", Made("a.txt"));
        Assert.Equal("mine", File.ReadAllText(Path.Combine(_folder, "a.txt")));
        Assert.False(File.Exists(outside));
    }

    [Fact]
    public void Only_the_owner_can_read_the_file()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows takes the access rights of the folder.");
        using var file = SafeFileName.Unique(_folder, "a.sh");
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file.Name));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_an_error_and_no_endless_search() =>
        Assert.Throws<DirectoryNotFoundException>(() => SafeFileName.Unique(Path.Combine(_folder, "missing"), "a"));

    [Fact]
    public async Task Tasks_that_want_the_same_name_each_get_a_file_of_their_own()
    {
        var names = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 20).Select(_ => Made("same.txt")).ToArray())));
        Assert.Equal(160, names.SelectMany(made => made).Distinct().Count());
        Assert.Equal(160, Directory.GetFiles(_folder).Length);
    }

    private string Made(string name)
    {
        using var file = SafeFileName.Unique(_folder, name);
        return Path.GetFileName(file.Name);
    }

    private static void AssertSafeOnUnix(string name)
    {
        Assert.NotEmpty(name);
        Assert.DoesNotContain('/', name);
        Assert.DoesNotContain('\0', name);
        Assert.False(name[0] is '.' or '-' or '~' or ' ', name);
        Assert.True(Encoding.UTF8.GetByteCount(name) <= 255, name);
        Assert.Equal(name, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name)));
    }

    private static void AssertSafeOnWindows(string name)
    {
        Assert.NotEmpty(name);
        Assert.True(name.Length <= 255, name);
        Assert.True(name.IndexOfAny(['<', '>', ':', '"', '/', '\\', '|', '?', '*']) < 0, name);
        Assert.DoesNotContain(name, c => c < ' ');
        Assert.False(name[^1] is '.' or ' ', name);
        Assert.False(IsDevice(name), name);
    }

    /// <summary>Written from the documentation of Windows, apart from the code under test.</summary>
    private static bool IsDevice(string name)
    {
        var stem = name.Split('.')[0].TrimEnd(' ').ToUpperInvariant();
        return stem is "CON" or "PRN" or "AUX" or "NUL" or "CLOCK$" or "CONIN$" or "CONOUT$"
            || (stem.Length == 4 && stem[..3] is "COM" or "LPT" && "0123456789¹²³".Contains(stem[3], StringComparison.Ordinal));
    }

    private static void AssertVisible(string name)
    {
        foreach (var rune in name.EnumerateRunes())
        {
            Assert.False(
                Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned,
                $"U+{rune.Value:X4}");
            Assert.False(Rune.IsWhiteSpace(rune) && rune.Value != ' ', $"U+{rune.Value:X4}");
        }
        Assert.DoesNotContain("  ", name, StringComparison.Ordinal);
    }
}
