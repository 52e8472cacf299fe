using System.Text;
using Teal.Flags;

namespace Teal.Tests.Fast.Flags;

public sealed class ContextTests
{
    [Theory]
    [InlineData("", "TEAL9121")]
    [InlineData("[]", "TEAL9121")]
    [InlineData("""{"a":NaN}""", "TEAL9121")]
    [InlineData("""{"a":1} x""", "TEAL9121")]
    [InlineData("""{"a":"\udc00"}""", "TEAL9121")]
    [InlineData("""{"a":1,"a":1}""", "TEAL9123")]
    [InlineData("""{"a":{"b":1,"\u0062":1}}""", "TEAL9123")]
    [InlineData("""{"a":-1e999}""", "TEAL9124")]
    [InlineData("""{"targetingKey":7}""", "TEAL9125")]
    [InlineData("""{"targetingKey":null}""", "TEAL9125")]
    public void A_bad_context_is_refused(string json, string code) => Assert.Equal(code, Refusal(Encoding.UTF8.GetBytes(json)).Code);

    [Fact]
    public void Size_depth_and_encoding_are_checked_before_anything_else()
    {
        Assert.Equal("TEAL9120", Refusal(new byte[(64 * 1024) + 1]).Code);
        Assert.Equal("TEAL9121", Refusal([(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}']).Code);
        Assert.Equal("TEAL9122", Refusal(Encoding.UTF8.GetBytes($"{{\"a\":{new string('[', 32)}{new string(']', 32)}}}")).Code);
        Assert.Equal("TEAL9122", Refusal(Encoding.UTF8.GetBytes($"{{\"a\":{new string('[', 60_000)}")).Code);
        Assert.NotNull(Vectors.Context($"{{\"a\":{new string('[', 31)}{new string(']', 31)}}}"));
    }

    [Fact]
    public void Twice_the_same_name_is_found_among_many_too()
    {
        var members = string.Join(',', Enumerable.Range(0, 1000).Select(static i => $"\"n{i}\":{i}"));
        Assert.Equal("TEAL9123", Refusal(Encoding.UTF8.GetBytes($"{{{members},\"n500\":1}}")).Code);
        Assert.NotNull(Vectors.Context($"{{{members}}}"));
    }

    [Fact]
    public void From_code_and_from_JSON_it_is_the_same()
    {
        var document = Vectors.Targeting(
            """{"if":[{"and":[{"===":[{"var":"user.age"},30]},{"in":["b",{"var":"tags"}]},{"==":[{"var":"targetingKey"},"me"]}]},"on"]}"""
        );
        var coded = EvaluationContext.Of(
            "me",
            new ContextAttribute("user", ContextValue.ObjectOf(new ContextAttribute("age", 30))),
            new ContextAttribute("tags", ContextValue.ListOf("a", "b"))
        );
        var read = Vectors.Context("""{"targetingKey":"me","user":{"age":30},"tags":["a","b"]}""");
        Assert.Equal(["on", "on"], new[] { coded, read }.Select(context => document.Evaluate("f", context, Vectors.Now).Variant));
        Assert.Equal("me", read.TargetingKey);
    }

    [Fact]
    public void A_mistake_in_code_is_told_as_one()
    {
        Assert.Throws<ArgumentException>(static () =>
            EvaluationContext.Of(null, new ContextAttribute("a", 1), new ContextAttribute("a", 2))
        );
        Assert.Throws<ArgumentException>(static () => EvaluationContext.Of(null, new ContextAttribute("targetingKey", "me")));
        Assert.Throws<ArgumentOutOfRangeException>(static () => ContextValue.From(double.NaN));
    }

    private static ContextFault Refusal(byte[] utf8)
    {
        Assert.False(EvaluationContext.TryParse(utf8, ContextLimits.Usual, out var context, out var fault));
        Assert.Null(context);
        return fault;
    }
}
