using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Teal.Flags;
using Teal.Server.Flags;
using Teal.Server.Flags.Files;
using Teal.Wire;

namespace Teal.Server.Views;

/// <summary>Flags as they are shown. Pure.</summary>
public static class FlagViews
{
    public static FlagsView Of(FlagBook book, string environment, IReadOnlyList<FlagSource> sources, DateTimeOffset now) =>
        new(
            StatusViews.FormatVersion,
            book.Revision,
            environment,
            book.Set.Environments,
            book.Documents.GetValueOrDefault(environment)?.From,
            [
                .. book
                    .Set.Flags.Values.OrderBy(flag => flag.Key, StringComparer.Ordinal)
                    .Select(flag => Line(book.Set, flag, environment, now)),
            ],
            book.Set.Flags.Count == 0 ? ["teal flag create KEY --owner TEAM", "teal flag import flags.yaml"] : ["teal flag show KEY"],
            book.Set.Version,
            [.. sources.Where(source => source.Environment is null || source.Environment == environment).Select(it => Source(book, it))]
        );

    private static FlagSourceView Source(FlagBook book, FlagSource source) =>
        new(
            source.Name,
            source.Environment,
            source.State?.At,
            source.State?.Hash,
            source.State?.Errors ?? [],
            source.Environment is { } environment
                ? book.Documents.GetValueOrDefault(environment)?.Killed ?? []
                : [.. book.File?.Overruled.Keys ?? []]
        );

    public static FlagsChangedView Changed(FlagBook before, FlagBook after, bool isDry) =>
        new(
            StatusViews.FormatVersion,
            after.Revision,
            isDry,
            [.. FlagDiff.Between(before.Set, after.Set).GroupBy(difference => difference.Flag).SelectMany(it => Words(before, after, it))],
            ["teal flag list"]
        );

    /// <summary>A flag that is new is told in one line: everything about it is a difference.</summary>
    private static IEnumerable<string> Words(FlagBook before, FlagBook after, IGrouping<string?, FlagDifference> differences)
    {
        if (differences.Key is not { } key || before.Set.Flags.ContainsKey(key))
        {
            return differences.Select(difference => difference.ToString());
        }
        var flag = after.Set.Flags[key];
        var serves = flag.Environments.Select(pair => $"{pair.Key} {FlagWords.Of(pair.Value.Otherwise)}");
        return [$"{key} is new: {string.Join(", ", flag.Variants.Select(variant => variant.Name))}; {string.Join(", ", serves)}"];
    }

    public static FlagDiffView Diff(FlagSet set, string from, string to)
    {
        var differences = FlagDiff.Between(set, from, to);
        return new FlagDiffView(
            StatusViews.FormatVersion,
            from,
            to,
            [.. differences.Select(it => new FlagDifferenceView(it.Flag, it.What, it.From, it.To))],
            differences.Count == 0 ? [] : [$"teal flag diff {from} {to} --promote"],
            set.Version
        );
    }

    public static FlagClientView Client(FlagListener listener, long revision) =>
        new(listener.Environment, KindOf(listener.Kind), listener.Name, listener.Since, listener.Acknowledged >= revision);

    /// <param name="flag">The flag as it was written; null where a flagd document is served as it is.</param>
    public static FlagEvalView Eval(FlagSnapshot snapshot, Flag? flag, Explanation explained)
    {
        var evaluation = explained.Evaluation;
        return new FlagEvalView(
            StatusViews.FormatVersion,
            explained.FlagKey,
            snapshot.Environment,
            evaluation.Variant,
            evaluation.HasValue ? JsonOf(evaluation.Value) : null,
            evaluation.ReasonWord,
            evaluation.ErrorWord,
            flag is null || flag.IsArchived ? null : DeciderOf(flag, flag.Environments[snapshot.Environment], explained),
            explained.Why,
            [.. explained.Draws.Select(StepOf)]
        );
    }

    private static FlagLineView Line(FlagSet set, Flag flag, string environment, DateTimeOffset now)
    {
        var targeting = flag.Environments[environment];
        var life = FlagLife.Of(set, flag, environment, now);
        return new FlagLineView(
            flag.Key,
            FlagWords.Of(flag.Kind),
            flag.Owner,
            flag.Description,
            flag.Version,
            targeting.IsEnabled,
            FlagWords.Of(targeting.Otherwise),
            flag.Variants.ToDictionary(variant => variant.Name, variant => variant.Value.Json, StringComparer.Ordinal),
            targeting.Off,
            [.. targeting.Rules.Select(rule => $"{rule.Name}: {FlagWords.Of(rule.If)} → {FlagWords.Of(rule.Serve)}")],
            JsonNamingPolicy.SnakeCaseLower.ConvertName(life.Stage.ToString()),
            life.StaleBecause,
            life.Removing,
            flag.Expires,
            targeting.Changed ?? flag.Changed
        );
    }

    /// <summary>The conditions of a compiled flag stand in this order: prerequisites, holdout, rules, the split behind them.</summary>
    private static string DeciderOf(Flag flag, Targeting targeting, Explanation explained)
    {
        if (!targeting.IsEnabled)
        {
            return "the flag is off";
        }
        if (explained.Arms.MinBy(arm => arm.Path.Length)?.Arm is not { } arm)
        {
            return "no rule: what is served to everybody else";
        }
        if (arm < flag.Requires.Count)
        {
            return $"it requires {flag.Requires[arm].Flag} to serve {string.Join(" or ", flag.Requires[arm].Variants)}";
        }
        arm -= flag.Requires.Count;
        if (targeting.Holdout is { } holdout && arm-- == 0)
        {
            return $"the holdout {holdout}";
        }
        return arm < targeting.Rules.Count ? $"rule {arm + 1}, {targeting.Rules[arm].Name}" : "no rule: the split of everybody else";
    }

    private static string StepOf(ExplainedDraw draw)
    {
        var ranges = draw.Ranges.Select(range => $"{range.Variant ?? "none"} {range.From}–{range.To - 1}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"\"{draw.Key}\" falls into bucket {draw.Bucket} of {draw.Weight}: {draw.Variant ?? "none"} ({string.Join(", ", ranges)})"
        );
    }

    private static string KindOf(FlagListenerKind kind) => JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString());

    private static string JsonOf(FlagValue value)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            value.WriteTo(writer);
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
