using System.Text;
using System.Text.Json;
using Teal.Flags;

namespace Teal.Tests.Fast.Flags;

public sealed class JsonLogicTests
{
    private static readonly JsonElement[] _cases =
    [
        .. JsonElement
            .Parse(Vectors.Read("jsonlogic/compatible.json"))
            .EnumerateArray()
            .Where(static item => item.ValueKind == JsonValueKind.Object),
    ];

    private static readonly JsonElement _null = JsonElement.Parse("null");

    public static TheoryData<int, string> Cases =>
        [.. _cases.Select(static (item, place) => (place, $"{item.GetProperty("rule").GetRawText()}"))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_compatible_suite_passes(int place, string rule)
    {
        var item = _cases[place];
        var (value, hasFailed) = Vectors.Apply(item.GetProperty("rule"), item.TryGetProperty("data", out var data) ? data : _null);
        Assert.False(hasFailed, rule);
        var wanted = item.GetProperty("result");
        Assert.True(
            JsonElement.DeepEquals(wanted, JsonElement.Parse(Vectors.Written(value))),
            $"{rule}: {Vectors.Written(value)}, not {wanted}"
        );
    }

    [Fact]
    public void The_suite_is_there_whole() => Assert.Equal(278, _cases.Length);

    [Theory]
    [InlineData(0, "0")]
    [InlineData(123456789012345680000.0, "123456789012345680000")]
    [InlineData(1e21, "1e+21")]
    [InlineData(1.5e300, "1.5e+300")]
    [InlineData(0.000001, "0.000001")]
    [InlineData(1e-7, "1e-7")]
    [InlineData(-1.25e-9, "-1.25e-9")]
    [InlineData(0.1, "0.1")]
    [InlineData(-1234.5678, "-1234.5678")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.NegativeInfinity, "-Infinity")]
    public void A_number_is_written_as_JavaScript_writes_it(double number, string text) => Assert.Equal(text, JsNumber.Format(number));

    [Theory]
    [InlineData("", 0)]
    [InlineData(" \t12\n", 12)]
    [InlineData("0x1F", 31)]
    [InlineData("0b101", 5)]
    [InlineData("1e3", 1000)]
    [InlineData(".5", 0.5)]
    [InlineData("5.", 5)]
    [InlineData("-Infinity", double.NegativeInfinity)]
    [InlineData("∞", double.NaN)]
    [InlineData("1,000", double.NaN)]
    [InlineData("1_000", double.NaN)]
    [InlineData("12px", double.NaN)]
    [InlineData("0x", double.NaN)]
    [InlineData("-0x1", double.NaN)]
    public void A_text_is_read_as_a_number_as_JavaScript_reads_it(string text, double number) => Assert.Equal(number, JsNumber.Parse(text));

    [Theory]
    [InlineData("1.2.3", "<", "1.2.4", true)]
    [InlineData("1.2.3-rc.2", "<", "1.2.3-rc.10", true)]
    [InlineData("1.2.3-rc.1", "<", "1.2.3", true)]
    [InlineData("1.0.0-alpha", "<", "1.0.0-alpha.1", true)]
    [InlineData("1.0.0-1", "<", "1.0.0-a", true)]
    [InlineData("1.2.3+a", "=", "1.2.3+b", true)]
    [InlineData("v1.2.3", "=", "V1.2.3", true)]
    [InlineData("1", "=", "1.0", true)]
    [InlineData("3.4.5", "~", "3.4.0", true)]
    [InlineData("3.5.5", "~", "3.4.0", false)]
    [InlineData("3.5.5", "^", "3.0.0", true)]
    [InlineData("1.2.3.4", "=", "1.2.3", null)]
    [InlineData("01.2.3", "=", "1.2.3", null)]
    [InlineData("1.2.3-01", "=", "1.2.3", null)]
    [InlineData("one", "=", "1.2.3", null)]
    [InlineData("1.2.3", "==", "1.2.3", null)]
    public void Versions_compare_as_flagd_compares_them(string left, string sign, string right, bool? holds)
    {
        var rule = JsonSerializer.SerializeToElement(new Dictionary<string, string[]> { ["sem_ver"] = [left, sign, right] });
        Assert.Equal(holds is { } answer ? (answer ? "true" : "false") : "null", Vectors.Written(Vectors.Apply(rule, _null).Value));
    }
}
