using Teal.Flags;

namespace Teal.Tests.Fast.Flags;

public sealed class ExplanationTests
{
    private static readonly FlagDocument _document = Vectors.Targeting(
        """
        {"if":[
          {"==":[{"var":"plan"},"internal"]}, "on",
          {"==":[{"var":"plan"},"gold"]}, {"if":[{"var":"blocked"}, "off", {"fractional":[{"cat":["ramp-1",{"var":"targetingKey"}]},["on",25],["off",75]]}]}
        ]}
        """
    );

    [Fact]
    public void It_says_which_arms_were_taken_and_what_was_drawn()
    {
        var explanation = _document.Explain("f", EvaluationContext.Of("user-7", new ContextAttribute("plan", "gold")), Vectors.Now);

        Assert.Equal(
            [new ExplainedArm("$.flags.f.targeting", 1, 2), new ExplainedArm("$.flags.f.targeting.if[3]", null, 1)],
            explanation.Arms
        );
        var draw = Assert.Single(explanation.Draws);
        Assert.Equal("$.flags.f.targeting.if[3].if[2]", draw.Path);
        Assert.Equal(("ramp-1user-7", 100), (draw.Key, draw.Weight));
        Assert.Equal(Cohort.Bucket("ramp-1", "user-7", 100), draw.Bucket);
        Assert.Equal([new ExplainedRange("on", 0, 25), new ExplainedRange("off", 25, 100)], draw.Ranges);
        Assert.Equal(explanation.Evaluation.Variant, draw.Variant);
        Assert.Equal(
            $"Condition 2 of 2 held; No condition held; bucket {draw.Bucket} of 100 is {draw.Variant}; the targeting named variant '{draw.Variant}'.",
            explanation.Why
        );
    }

    [Theory]
    [InlineData("""{"plan":"internal"}""", "Condition 1 of 2 held; the targeting named variant 'on'.")]
    [InlineData("""{"plan":"free"}""", "No condition held; the targeting named no variant: the default variant 'off' applies.")]
    [InlineData("""{"plan":7}""", "The targeting could not be evaluated for this context, or named no variant of the flag.")]
    public void It_says_why_in_a_sentence(string context, string why) =>
        Assert.Equal(why, _document.Explain("f", Vectors.Context(context), Vectors.Now).Why);

    [Fact]
    public void An_unknown_flag_is_explained_too()
    {
        var explanation = _document.Explain("g", EvaluationContext.Empty, Vectors.Now);
        Assert.Equal(EvaluationError.FlagNotFound, explanation.Evaluation.Error);
        Assert.Equal("The document has no flag of this key.", explanation.Why);
    }
}
