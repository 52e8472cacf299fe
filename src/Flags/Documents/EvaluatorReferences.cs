namespace Teal.Flags;

/// <summary>Who refers to whom among <c>$evaluators</c>: in no circle, and not too deep.</summary>
internal sealed class EvaluatorReferences
{
    private const int MostDeep = 16;

    private readonly Dictionary<string, JsonTerm> _evaluators;

    /// <summary>How deep each one's references go; 0 while they are being followed.</summary>
    private readonly Dictionary<string, int> _depths = new(StringComparer.Ordinal);

    private EvaluatorReferences(JsonTerm evaluators) =>
        _evaluators = evaluators.Items.ToDictionary(static evaluator => evaluator.Name!, StringComparer.Ordinal);

    public static (JsonTerm At, string Why)? Check(JsonTerm evaluators)
    {
        var references = new EvaluatorReferences(evaluators);
        foreach (var evaluator in evaluators.Items)
        {
            if (references.Follow(evaluator, 1, out _) is { } fault)
            {
                return fault;
            }
        }
        return null;
    }

    private (JsonTerm At, string Why)? Follow(JsonTerm evaluator, int above, out int depth)
    {
        if (_depths.TryGetValue(evaluator.Name!, out depth))
        {
            return depth == 0 ? (evaluator, $"The evaluator '{evaluator.Name}' refers to itself, directly or through others.")
                : above + depth - 1 > MostDeep ? TooDeep(evaluator)
                : null;
        }
        if (above > MostDeep)
        {
            return TooDeep(evaluator);
        }
        _depths[evaluator.Name!] = 0;
        depth = 1;
        foreach (var name in References(evaluator))
        {
            if (_evaluators.TryGetValue(name, out var next))
            {
                if (Follow(next, above + 1, out var below) is { } fault)
                {
                    return fault;
                }
                depth = Math.Max(depth, below + 1);
            }
        }
        _depths[evaluator.Name!] = depth;
        return null;
    }

    private static (JsonTerm At, string Why) TooDeep(JsonTerm evaluator) =>
        (evaluator, $"Evaluators refer to each other more than {MostDeep} deep.");

    private static IEnumerable<string> References(JsonTerm term)
    {
        var open = new Stack<JsonTerm>([term]);
        while (open.TryPop(out var next))
        {
            if (next is { Name: "$ref", Text: { } name })
            {
                yield return name;
            }
            foreach (var item in next.Items)
            {
                open.Push(item);
            }
        }
    }
}
