using Teal.Server.Processes;

namespace Teal.Tests.Fast.Processes;

public sealed class PortPickerTests
{
    [Theory]
    [InlineData("32768\t60999\n", 46883, 60999)]
    [InlineData("1024 65535", 33279, 65535)]
    [InlineData("10000 20000", 15001, 19999)]
    public void Ports_come_from_the_upper_half_of_the_kernels_range_and_are_odd(string words, int first, int last) =>
        Assert.Equal((first, last), PortPicker.QuietPart(words));

    [Theory]
    [InlineData("")]
    [InlineData("32768")]
    [InlineData("60999 32768")]
    [InlineData("32768 33000")]
    [InlineData("32768 99999999999")]
    [InlineData("1 70000")]
    [InlineData("-5 60999")]
    public void What_is_no_range_or_a_small_one_gives_none(string words) => Assert.Null(PortPicker.QuietPart(words));
}
