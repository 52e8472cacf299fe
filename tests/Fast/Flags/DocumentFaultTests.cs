using System.Text;
using Teal.Flags;

namespace Teal.Tests.Fast.Flags;

public sealed class DocumentFaultTests
{
    private const string Flag = """{"state":"ENABLED","variants":{"on":true}""";

    [Theory]
    [InlineData("", "TEAL9101", "$")]
    [InlineData("{\n \"flags\": {,}}", "TEAL9101", "$")]
    [InlineData("[]", "TEAL9105", "$")]
    [InlineData("{}", "TEAL9105", "$")]
    [InlineData("""{"flags":7}""", "TEAL9105", "$.flags")]
    [InlineData("""{"flags":{},"flags":{}}""", "TEAL9104", "$.flags")]
    [InlineData("""{"flags":{"a":7}}""", "TEAL9105", "$.flags.a")]
    [InlineData("""{"flags":{"":""" + Flag + "}}}", "TEAL9105", "$.flags[\"\"]")]
    [InlineData(
        """{"flags":[{"key":"a","state":"ENABLED","variants":{"on":1}},{"key":"a","state":"ENABLED","variants":{"on":1}}]}""",
        "TEAL9104",
        "$.flags[1]"
    )]
    [InlineData("""{"flags":{"my flag":{"state":"ENABLED","variants":{"on":null}}}}""", "TEAL9106", "$.flags[\"my flag\"].variants.on")]
    [InlineData("""{"flags":{"a":{"state":"ENABLED","variants":{"on":1,"on":2}}}}""", "TEAL9104", "$.flags.a.variants.on")]
    [InlineData("""{"flags":{"a":{"state":"ENABLED","variants":{"on":1e999}}}}""", "TEAL9105", "$.flags.a.variants.on")]
    [InlineData("""{"flags":{"a":""" + Flag + ""","defaultVariant":"gone"}}}""", "TEAL9107", "$.flags.a.defaultVariant")]
    [InlineData("""{"flags":{"a":""" + Flag + ""","defaultVariant":7}}}""", "TEAL9107", "$.flags.a.defaultVariant")]
    [InlineData("""{"flags":{"a":""" + Flag + ""","targeting":{"if":[{"nope":1}]}}}}""", "TEAL9108", "$.flags.a.targeting.if[0].nope")]
    [InlineData("""{"flags":{"a":""" + Flag + ""","targeting":{"and":[1],"or":[2]}}}}""", "TEAL9108", "$.flags.a.targeting")]
    [InlineData("""{"flags":{"a":""" + Flag + ""","targeting":null}}}""", "TEAL9108", "$.flags.a.targeting")]
    [InlineData("""{"flags":{},"metadata":{"hashVersion":2}}""", "TEAL9110", "$.metadata.hashVersion")]
    [InlineData("""{"flags":{},"$evaluators":{"a":{"!":{"$ref":"a"}}}}""", "TEAL9109", "$.$evaluators.a")]
    [InlineData("""{"flags":{},"$evaluators":{"a":{"!":{"$ref":"b"}},"b":{"and":[1,{"$ref":"a"}]}}}""", "TEAL9109", "$.$evaluators.a")]
    public void A_bad_document_is_refused_whole_with_code_and_path(string json, string code, string path)
    {
        var fault = Vectors.Refusal(json);
        Assert.Equal((code, path), (fault.Code, fault.Path));
    }

    [Fact]
    public void The_place_is_the_one_that_an_editor_shows()
    {
        var fault = Vectors.Refusal(
            "{\n  \"flags\": {\n    \"ü\": { \"state\": \"ENABLED\", \"variants\": {\n      \"größe\": 1, \"b\": true } } } }"
        );
        Assert.Equal(("ü", 4, 24), (fault.Flag, fault.Line, fault.Column));
        Assert.Equal((3, 5), (Vectors.Refusal("{\n\"flags\":\n    x}").Line, Vectors.Refusal("{\n\"flags\":\n    x}").Column));
    }

    [Fact]
    public void Invalid_UTF8_is_refused_where_it_stands()
    {
        byte[] bytes = [.. "{\n\"flags\":\""u8, 0xC3, 0x28];
        Assert.False(FlagDocument.TryRead(bytes, DocumentLimits.Usual, out _, out var fault));
        Assert.Equal(("TEAL9101", 2, 10), (fault.Code, fault.Line, fault.Column));
        Assert.Equal("TEAL9101", Vectors.Refusal("""{"flags":{"\ud800":1}}""").Code);
    }

    [Fact]
    public void Size_depth_flags_and_values_have_limits()
    {
        var limits = new DocumentLimits(Bytes: 4000, Depth: 10, Flags: 2, Nodes: 40);
        Assert.Equal("TEAL9102", Vectors.Refusal(new string(' ', 4001), limits).Code);
        Assert.Equal("TEAL9103", Vectors.Refusal($"{{\"x\":{new string('[', 10)}{new string(']', 10)}}}", limits).Code);
        Assert.Equal("TEAL9103", Vectors.Refusal($"[{string.Join(',', Enumerable.Repeat("1", 40))}]", limits).Code);
        Assert.Equal("TEAL9103", Vectors.Refusal($"{{\"flags\":{{\"a\":{Flag}}},\"b\":{Flag}}},\"c\":{Flag}}}}}}}", limits).Code);
        Assert.Equal("TEAL9103", Vectors.Refusal(new string('[', 100_000)).Code);
    }

    [Fact]
    public void Evaluators_that_grow_by_reference_cost_nothing_and_are_bounded()
    {
        var doubling = Enumerable.Range(0, 15).Select(static i => Evaluator(i, $"{{\"and\":[{Reference(i + 1)},{Reference(i + 1)}]}}"));
        var evaluators = string.Join(',', [.. doubling, Evaluator(15, "{\"var\":\"x\"}")]);
        var json = $"{{\"flags\":{{\"f\":{Flag},\"targeting\":{Reference(0)}}}}},\"$evaluators\":{{{evaluators}}}}}";
        var evaluation = Vectors.Document(json).Evaluate("f", EvaluationContext.Of(null, new ContextAttribute("x", "on")), Vectors.Now);
        Assert.Equal("on", evaluation.Variant);

        var chain = string.Join(',', Enumerable.Range(0, 1000).Select(static i => Evaluator(i, $"{{\"!\":{Reference(i + 1)}}}")));
        Assert.Equal("TEAL9109", Vectors.Refusal($"{{\"flags\":{{}},\"$evaluators\":{{{chain}}}}}").Code);
    }

    [Fact]
    public void Constants_that_cost_too_much_are_refused()
    {
        var list = string.Join(',', Enumerable.Repeat("1", 400));
        var costly = $"{{\"map\":[[{list}],{{\"map\":[{{\"merge\":[[{list}],{{\"var\":\"\"}}]}},{{\"*\":[2,{{\"var\":\"\"}}]}}]}}]}}";
        var flags = string.Join(',', Enumerable.Range(0, 60).Select(i => $"\"f{i}\":{Flag},\"targeting\":{costly}}}"));
        Assert.Equal("TEAL9103", Vectors.Refusal($"{{\"flags\":{{{flags}}}}}").Code);
    }

    private static string Evaluator(int number, string rule) => $"\"e{number}\":{rule}";

    private static string Reference(int number) => $"{{\"$ref\":\"e{number}\"}}";
}
