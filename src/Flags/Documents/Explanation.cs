namespace Teal.Flags;

/// <summary>One evaluation and how it came about, for <c>teal flag eval</c>.</summary>
/// <param name="Why">One sentence for people.</param>
/// <param name="Arms">From the top of the targeting down to the result: which arm each <c>if</c> took.</param>
/// <param name="Draws">Every <c>fractional</c> that was evaluated, in order.</param>
public sealed record Explanation(
    string FlagKey,
    Evaluation Evaluation,
    string Why,
    IReadOnlyList<ExplainedArm> Arms,
    IReadOnlyList<ExplainedDraw> Draws
);

/// <param name="Path">JSON path of the <c>if</c> in the document.</param>
/// <param name="Arm">From 0: the condition that was true; null when none was and the last value, or null, was taken.</param>
/// <param name="Arms">How many conditions there are.</param>
public sealed record ExplainedArm(string Path, int? Arm, int Arms);

/// <param name="Path">JSON path of the <c>fractional</c> in the document.</param>
/// <param name="Key">The text that was hashed.</param>
/// <param name="Bucket">From 0 to <paramref name="Weight"/> − 1.</param>
/// <param name="Weight">The sum of the weights.</param>
/// <param name="Variant">The one whose range holds the bucket; null for the null variant or when all weights are 0.</param>
public sealed record ExplainedDraw(
    string Path,
    string Key,
    long Bucket,
    long Weight,
    string? Variant,
    IReadOnlyList<ExplainedRange> Ranges
);

/// <summary>Buckets <paramref name="From"/> up to and without <paramref name="To"/>.</summary>
public sealed record ExplainedRange(string? Variant, long From, long To);
