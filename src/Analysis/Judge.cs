namespace Teal.Analysis;

/// <summary>The seam: evidence in, verdict out, pure. How the evidence is weighed is this room's business alone.</summary>
public static class Judge
{
    public static Verdict Decide(IReadOnlyList<Guard> guards, Evidence evidence) => throw new NotSupportedException();
}
