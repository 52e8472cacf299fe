using Teal.Analysis;
using Teal.Flags;

namespace Teal.Releases.Rollouts;

/// <summary>One thing that is wrong with a rollout as it was written.</summary>
/// <param name="Part">The option or field: <c>steps</c>, <c>guard</c>.</param>
/// <param name="Column">In the part's text, from 1.</param>
/// <param name="Suggestion">What was probably meant; null when nothing comes to mind.</param>
public sealed record RolloutError(string Code, string Part, int Column, string Message, string? Suggestion = null)
{
    public override string ToString() =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Part}:{Column}: {Message}")
        + (Suggestion is null ? "" : $" (did you mean '{Suggestion}'?)");
}

/// <summary>
/// Guards on one line: <c>error_rate:+0.5%,latency_p99:x1.3</c>. A <c>+</c> is an increase over the old variant, an <c>x</c> a multiple
/// of it, and a plain value a limit of its own. The same guards as the manifest's.
/// </summary>
public static class GuardText
{
    public const string Part = "guard";

    private const int LongestText = 1000;

    /// <summary>What a variant can be guarded by.</summary>
    private static readonly IReadOnlyList<GuardForm> Forms = [.. GuardForm.All.Where(form => !form.Metrics.Any(OfProcesses))];

    /// <summary>Every guard that could be read; none when anything is wrong.</summary>
    public static IReadOnlyList<Guard> Read(string text, List<RolloutError> errors)
    {
        if (text.Length > LongestText)
        {
            errors.Add(new RolloutError("TEAL9323", Part, 1, $"guards are at most {LongestText} characters long"));
            return [];
        }
        var guards = new List<Guard>();
        var column = 1;
        foreach (var piece in text.Split(','))
        {
            if (One(piece.Trim(' '), column + (piece.Length - piece.TrimStart(' ').Length), errors) is { } guard)
            {
                Take(guard, column, guards, errors);
            }
            column += piece.Length + 1;
        }
        return guards;
    }

    private static void Take(Guard guard, int column, List<Guard> guards, List<RolloutError> errors)
    {
        if (guards.Any(other => other.Metric == guard.Metric && other.Limit == guard.Limit))
        {
            errors.Add(new RolloutError("TEAL9323", Part, column, $"'{guard}' is the second limit of its kind; which one counts?"));
            return;
        }
        guards.Add(guard);
    }

    private static Guard? One(string piece, int column, List<RolloutError> errors)
    {
        var colon = piece.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || colon == piece.Length - 1)
        {
            var message = $"{Wording.Quote(piece)} is not a guard: write a metric and its limit, like error_rate:+0.5% or latency_p99:x1.3";
            errors.Add(new RolloutError("TEAL9323", Part, column, message));
            return null;
        }
        if (MetricOf(piece[..colon]) is not { } metric)
        {
            Unknown(piece[..colon], column, errors);
            return null;
        }
        if (OfProcesses(metric))
        {
            errors.Add(new RolloutError("TEAL9324", Part, column, OfProcess(metric)));
            return null;
        }
        return Limited(metric, piece[(colon + 1)..], column + colon + 1, errors);
    }

    private static Guard? Limited(GuardMetric metric, string limit, int column, List<RolloutError> errors)
    {
        var (kind, value) = limit[0] switch
        {
            '+' => (GuardLimit.MaxIncrease, limit[1..]),
            'x' => (GuardLimit.MaxRatio, limit[1..]),
            _ => (GuardLimit.Max, limit),
        };
        var forms = Forms.Where(form => form.Metrics.Contains(metric)).ToList();
        var form = forms.Find(form => form.Limit == kind);
        if (form is null)
        {
            var taken = string.Join(" or ", forms.Select(known => $"{GuardForm.WordOf(metric)}:{SignOf(known.Limit)}{known.Example}"));
            errors.Add(new RolloutError("TEAL9323", Part, column, $"'{GuardForm.WordOf(metric)}' is not limited so; write {taken}"));
            return null;
        }
        if (form.Parse(value) is not { } number)
        {
            var like = $"{GuardForm.WordOf(metric)}:{SignOf(kind)}{form.Example}";
            errors.Add(new RolloutError("TEAL9323", Part, column, $"{Wording.Quote(value)} is not {form.Words}; write it like {like}"));
            return null;
        }
        return new Guard(metric, kind, number);
    }

    private static void Unknown(string word, int column, List<RolloutError> errors)
    {
        var words = Forms.SelectMany(form => form.Metrics).Distinct().Select(GuardForm.WordOf).ToList();
        var message = $"{Wording.Quote(word)} is not a metric; there are {string.Join(", ", words)}";
        errors.Add(new RolloutError("TEAL9323", Part, column, message, Wording.Nearest(word, words)));
    }

    private static string SignOf(GuardLimit limit) =>
        limit switch
        {
            GuardLimit.MaxIncrease => "+",
            GuardLimit.MaxRatio => "x",
            _ => "",
        };

    private static GuardMetric? MetricOf(string word) =>
        Enum.GetValues<GuardMetric>()
            .Where(metric => GuardForm.WordOf(metric) == word)
            .Select(metric => (GuardMetric?)metric)
            .FirstOrDefault();

    private static bool OfProcesses(GuardMetric metric) => metric is GuardMetric.Cpu or GuardMetric.Memory;

    private static string OfProcess(GuardMetric metric) =>
        $"'{GuardForm.WordOf(metric)}' is of a process, and both variants run in the same one: guard a flag by error_rate or latency_…";
}
