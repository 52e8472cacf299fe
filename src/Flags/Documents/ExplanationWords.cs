namespace Teal.Flags;

/// <summary>An evaluation in one sentence.</summary>
internal static class ExplanationWords
{
    public static string Why(DocumentFlag flag, Evaluation evaluation, List<ExplainedArm> arms, List<ExplainedDraw> draws) =>
        evaluation.Error switch
        {
            EvaluationError.ParseError => "The targeting refers to an evaluator that the document does not have.",
            EvaluationError.General => "The targeting could not be evaluated for this context, or named no variant of the flag.",
            _ => evaluation.Reason switch
            {
                EvaluationReason.Disabled => "The flag is disabled: the code's own default applies.",
                EvaluationReason.Static => "The flag has no targeting: everybody gets the default variant.",
                EvaluationReason.TargetingMatch => $"{Arms(arms)}{Draw(draws)}the targeting named variant '{evaluation.Variant}'.",
                _ => $"{Arms(arms)}{Draw(draws)}{Default(flag)}",
            },
        };

    private static string Arms(List<ExplainedArm> arms) =>
        string.Concat(
            arms.Select(static arm => arm.Arm is { } taken ? $"Condition {taken + 1} of {arm.Arms} held; " : "No condition held; ")
        );

    private static string Draw(List<ExplainedDraw> draws) =>
        draws.Count == 0 ? "" : $"bucket {draws[^1].Bucket} of {draws[^1].Weight} is {draws[^1].Variant ?? "nobody's"}; ";

    private static string Default(DocumentFlag flag) =>
        (flag.HasTargeting ? "the targeting named no variant: " : "")
        + (flag.DefaultVariant is { } variant ? $"the default variant '{variant.Name}' applies." : "the code's own default applies.");
}
