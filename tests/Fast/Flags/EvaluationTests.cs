using Teal.Flags;

namespace Teal.Tests.Fast.Flags;

public sealed class EvaluationTests
{
    private static readonly FlagDocument _document = Vectors.Document(
        """
        {
          "metadata": { "flagSetId": "shop", "owner": "set" },
          "flags": {
            "static": { "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": "on", "metadata": { "owner": "me" } },
            "disabled": { "state": "DISABLED", "variants": { "on": true }, "defaultVariant": "on" },
            "codeDefault": { "state": "ENABLED", "variants": { "on": true } },
            "number": { "state": "ENABLED", "variants": { "whole": 3, "half": 2.5 }, "defaultVariant": "half",
                        "targeting": { "if": [ { "var": "whole" }, "whole", null ] } },
            "object": { "state": "ENABLED", "variants": { "big": { "width": 3, "name": "ü" } }, "defaultVariant": "big" },
            "text": { "state": "ENABLED", "variants": { "red": "#f00", "true": "#0f0" }, "defaultVariant": "red",
                      "targeting": { "if": [ { "==": [ { "var": "user.plan" }, "gold" ] }, true, { "var": "wanted" } ] } },
            "noDefault": { "state": "ENABLED", "variants": { "on": true }, "targeting": { "if": [ { "var": "on" }, "on", null ] } },
            "lost": { "state": "ENABLED", "variants": { "on": true }, "targeting": { "if": [ { "$ref": "nowhere" }, "on" ] } }
          }
        }
        """
    );

    [Theory]
    [InlineData("static", "{}", ExpectedType.Any, "on", "STATIC", null)]
    [InlineData("static", "{}", ExpectedType.Boolean, "on", "STATIC", null)]
    [InlineData("static", "{}", ExpectedType.String, null, "ERROR", "TYPE_MISMATCH")]
    [InlineData("disabled", "{}", ExpectedType.String, null, "DISABLED", null)]
    [InlineData("codeDefault", "{}", ExpectedType.Boolean, null, "DEFAULT", null)]
    [InlineData("number", "{}", ExpectedType.Double, "half", "DEFAULT", null)]
    [InlineData("number", "{}", ExpectedType.Integer, null, "ERROR", "TYPE_MISMATCH")]
    [InlineData("number", """{"whole":1}""", ExpectedType.Integer, "whole", "TARGETING_MATCH", null)]
    [InlineData("number", """{"whole":1}""", ExpectedType.Double, "whole", "TARGETING_MATCH", null)]
    [InlineData("object", "{}", ExpectedType.Object, "big", "STATIC", null)]
    [InlineData("text", """{"user":{"plan":"gold"}}""", ExpectedType.String, "true", "TARGETING_MATCH", null)]
    [InlineData("text", """{"wanted":"red"}""", ExpectedType.String, "red", "TARGETING_MATCH", null)]
    [InlineData("text", """{"wanted":"blue"}""", ExpectedType.String, null, "ERROR", "GENERAL")]
    [InlineData("text", """{"user":{"plan":5}}""", ExpectedType.String, null, "ERROR", "GENERAL")]
    [InlineData("text", "{}", ExpectedType.String, "red", "DEFAULT", null)]
    [InlineData("noDefault", "{}", ExpectedType.Boolean, null, "DEFAULT", null)]
    [InlineData("lost", "{}", ExpectedType.Boolean, null, "ERROR", "PARSE_ERROR")]
    [InlineData("unknown", "{}", ExpectedType.Boolean, null, "ERROR", "FLAG_NOT_FOUND")]
    [InlineData("../../x", "{}", ExpectedType.Any, null, "ERROR", "FLAG_NOT_FOUND")]
    public void An_answer_has_flagds_variant_reason_and_error(
        string key,
        string context,
        ExpectedType type,
        string? variant,
        string reason,
        string? error
    )
    {
        var evaluation = _document.Evaluate(key, Vectors.Context(context), Vectors.Now, type);
        Assert.Equal((variant, reason, error), (evaluation.Variant, evaluation.ReasonWord, evaluation.ErrorWord));
        Assert.Equal(variant is not null, evaluation.HasValue);
    }

    [Fact]
    public void A_value_keeps_its_type()
    {
        Assert.True(_document.Evaluate("static", EvaluationContext.Empty, Vectors.Now).Value.AsBoolean);
        Assert.Equal(2.5, _document.Evaluate("number", EvaluationContext.Empty, Vectors.Now).Value.AsDouble);
        Assert.Equal(
            3,
            _document.Evaluate("number", EvaluationContext.Of(null, new ContextAttribute("whole", 1)), Vectors.Now).Value.AsInteger
        );
        Assert.Equal(
            """{ "width": 3, "name": "ü" }""",
            _document.Evaluate("object", EvaluationContext.Empty, Vectors.Now).Value.ToString()
        );
        Assert.Equal(FlagValueKind.None, _document.Evaluate("codeDefault", EvaluationContext.Empty, Vectors.Now).Value.Kind);
    }

    [Fact]
    public void A_flags_metadata_lies_over_that_of_its_set_and_an_unknown_flag_has_the_sets()
    {
        var known = _document.Evaluate("static", EvaluationContext.Empty, Vectors.Now).Metadata;
        Assert.Equal(("shop", "me"), (known["flagSetId"].AsString, known["owner"].AsString));
        Assert.Equal("set", _document.Evaluate("unknown", EvaluationContext.Empty, Vectors.Now).Metadata["owner"].AsString);
    }

    [Fact]
    public void A_flag_that_cannot_be_used_is_told_with_its_place()
    {
        var fault = Assert.Single(_document.Unusable);
        Assert.Equal(("TEAL9111", "lost", "$.flags.lost.targeting.if[0].$ref"), (fault.Code, fault.Flag, fault.Path));
        Assert.Equal(13, fault.Line);
    }

    [Fact]
    public void Time_and_the_flags_key_come_from_outside_and_not_from_the_context()
    {
        var document = Vectors.Targeting(
            """{"if":[{"and":[{"==":[{"var":"$flagd.flagKey"},"f"]},{">":[{"var":"$flagd.timestamp"},1750000000]}]},"on"]}"""
        );
        var liar = Vectors.Context("""{"$flagd":{"flagKey":"g","timestamp":9999999999}}""");
        Assert.Equal("off", document.Evaluate("f", liar, Vectors.Now).Variant);
        Assert.Equal("on", document.Evaluate("f", liar, Vectors.Now.AddSeconds(1)).Variant);
    }

    [Theory]
    [InlineData("""{"fractional":[["on",1],["off",0]]}""", """{}""", "off", "DEFAULT")]
    [InlineData("""{"fractional":[["on",1],["off",0]]}""", """{"targetingKey":""}""", "off", "DEFAULT")]
    [InlineData("""{"fractional":[["on"],["off",0]]}""", """{"targetingKey":"me"}""", "on", "TARGETING_MATCH")]
    [InlineData("""{"fractional":[["on",0],["off",0]]}""", """{"targetingKey":"me"}""", "off", "DEFAULT")]
    [InlineData("""{"fractional":[["on",{"-":[1,5]}],[false,1]]}""", """{"targetingKey":"me"}""", null, "ERROR")]
    [InlineData("""{"fractional":[["on",2147483647],["off",1]]}""", """{"targetingKey":"me"}""", "off", "DEFAULT")]
    [InlineData("""{"fractional":[{"var":"email"},["on",1]]}""", """{"email":"a@b"}""", "on", "TARGETING_MATCH")]
    [InlineData("""{"fractional":[{"var":"email"},["on",1]]}""", """{"targetingKey":"me"}""", "off", "DEFAULT")]
    [InlineData("""{"fractional":[[null,1],["on",0]]}""", """{"targetingKey":"me"}""", "off", "DEFAULT")]
    public void A_draw_has_flagds_edges(string targeting, string context, string? variant, string reason)
    {
        var evaluation = Vectors.Targeting(targeting).Evaluate("f", Vectors.Context(context), Vectors.Now);
        Assert.Equal((variant, reason), (evaluation.Variant, evaluation.ReasonWord));
    }

    [Theory]
    [InlineData("user-1")]
    [InlineData("größe 😀")]
    [InlineData("")]
    public void A_draw_by_salt_and_key_is_the_cohort_of_salt_and_key(string user)
    {
        var document = Vectors.Targeting("""{"fractional":[{"cat":["salt:",{"var":"targetingKey"}]},["on",25],["off",75]]}""");
        var isIn = Cohort.Bucket("salt:", user, 100) < 25;
        Assert.Equal(isIn ? "on" : "off", document.Evaluate("f", EvaluationContext.Of(user), Vectors.Now).Variant);
    }

    [Fact]
    public void A_long_key_is_hashed_whole()
    {
        var user = new string('ü', 5000);
        var document = Vectors.Targeting("""{"fractional":[{"cat":["salt:",{"var":"targetingKey"}]},["on",1000],["off",1000]]}""");
        var draw = Assert.Single(document.Explain("f", EvaluationContext.Of(user), Vectors.Now).Draws);
        Assert.Equal(Cohort.Bucket("salt:", user, 2000), draw.Bucket);
        Assert.Equal("salt:" + user, draw.Key);
    }
}
