using Teal.Server.Processes;

namespace Teal.Tests.Fast.Processes;

public sealed class ProcessReaderTests
{
    private const string Fields = "S 1 42 43 0 -1 4194560 9 0 0 0 10 20 3 4 20 0 7 0 987654 1000 555 18446744073709551615 0";

    [Theory]
    [InlineData("app")]
    [InlineData("a) S 9 9 9 (b")]
    [InlineData(":-) :-(")]
    public void A_line_is_read_whatever_the_program_is_called(string name) =>
        Assert.Equal(new ProcessStat(77, 'S', 42, 43, 37, 987654, 555), ProcessStat.Parse($"77 ({name}) {Fields}\n"));

    [Theory]
    [InlineData("")]
    [InlineData("77 (app) S 1")]
    [InlineData("(app) S 1")]
    [InlineData("no process")]
    public void What_is_no_such_line_is_nothing(string text) => Assert.Null(ProcessStat.Parse(text));

    [Fact]
    public void Our_marks_are_read_and_nothing_else()
    {
        var environ =
            "PATH=/bin\0SECRET=x\0TEAL_OWNER=home\0TEAL_INSTANCE=shop.blue.1-ab\0TEAL_SERVICE=shop\0TEAL_SLOT=blue\0TEAL_VERSION=v1\0PORT=4001\0TEAL_OWNER=other\0";
        Assert.Equal(new InstanceMarks("home", "shop.blue.1-ab", "shop", "blue", "v1", 4001), InstanceMarks.Parse(environ));
    }

    [Theory]
    [InlineData("")]
    [InlineData("TEAL_OWNER=home\0")]
    [InlineData("TEAL_INSTANCE=x\0PORT=1\0")]
    [InlineData("TEAL_\0PORT=\0")]
    public void A_process_without_our_marks_is_not_ours(string environ) => Assert.Null(InstanceMarks.Parse(environ));
}
