using CsCheck;
using Teal.Cli;
using Teal.Cli.Showing;

namespace Teal.Tests.Fast.Cli;

public sealed class PlainTests
{
    [Theory]
    [InlineData("an ordinary line, with ümläuts, 日本 and 🙂", "an ordinary line, with ümläuts, 日本 and 🙂")]
    [InlineData("a\ttab", "a\ttab")]
    [InlineData("\u001b[2J\u001b]0;title\u0007", @"\e[2J\e]0;title\x07")]
    [InlineData("two\r\nlines", @"two\r\nlines")]
    [InlineData("\u009b31m", @"\x9b31m")]
    [InlineData("user\u202egnp.exe", @"user\u202egnp.exe")]
    [InlineData("\0\u007f", @"\x00\x7f")]
    [InlineData("a\u2028b", @"a\u2028b")]
    public void What_a_terminal_would_obey_is_shown_instead(string text, string expected) => Assert.Equal(expected, Plain.Of(text));

    [Fact]
    public void No_text_whatever_brings_a_control_character_to_the_terminal() =>
        Gen
            .Char.Array[0, 40]
            .Select(characters => new string(characters))
            .Sample(text => !Plain.Of(text).Any(c => char.IsControl(c) && c != '\t'));

    [Fact]
    public void Colour_is_the_screens_own_and_foreign_escapes_stay_harmless()
    {
        using var output = new StringWriter();
        new Screen(output, output, new ScreenKind(true, true, 80)).Line(new InkedLine("\u001b[31mred?", Ink.Good));
        Assert.Equal("\u001b[32m\\e[31mred?\u001b[0m\n", output.ToString());
    }

    [Fact]
    public void A_reader_that_went_away_is_noticed_and_hurts_nobody()
    {
        using var output = new ClosedWriter();
        using var error = new StringWriter();
        var screen = new Screen(output, error, new ScreenKind(false, false, 0));
        screen.Line("into the void");
        screen.Line("and once more");
        screen.Error("still heard");
        Assert.True(screen.IsClosed);
        Assert.Equal("still heard\n", error.ToString());
    }

    [Theory]
    [InlineData("2d", 172_800_000)]
    [InlineData("0s", null)]
    [InlineData("3651d", null)]
    [InlineData("5", null)]
    public void A_length_of_time_is_written_as_in_the_manifest_and_is_never_nothing(string text, int? milliseconds) =>
        Assert.Equal(milliseconds, GlobalOptions.Length(text)?.TotalMilliseconds);

    [Theory]
    [InlineData("service: shop\nrun: {}", "shop")]
    [InlineData("# x\nservice:   shop   # ours\n", "shop")]
    [InlineData("run:\n  service: no\nservice: shop", "shop")]
    [InlineData("service: \"shop\"", null)]
    [InlineData("service: a\nservice: b", null)]
    [InlineData("run: {}", null)]
    public void The_service_is_read_from_its_line_alone_when_that_is_plain(string manifest, string? expected) =>
        Assert.Equal(expected, ServiceLine.In(manifest));

    private sealed class ClosedWriter : StringWriter
    {
        public override void Write(string? value) => throw new IOException("Broken pipe");
    }
}
