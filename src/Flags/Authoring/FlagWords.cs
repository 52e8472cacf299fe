using System.Text;

namespace Teal.Flags;

/// <summary>The words for kinds in files, documents and messages: those of the JSON form.</summary>
public static class FlagWords
{
    public static string Of(FlagKind kind) =>
        kind switch
        {
            FlagKind.Release => "release",
            FlagKind.Experiment => "experiment",
            FlagKind.Operational => "operational",
            FlagKind.Permission => "permission",
            _ => "kill-switch",
        };

    /// <summary><c>same-as release:shop</c></summary>
    public static string Of(CohortSharing sharing) =>
        $"{(sharing.Relation == CohortRelation.SameAs ? "same-as" : "disjoint-from")} {(sharing.Owner == CohortOwner.Flag ? "flag" : "release")}:{sharing.Name}";

    /// <summary><c>release:shop</c></summary>
    public static string Of(FlagLink link) => $"{(link.Kind == FlagLinkKind.Release ? "release" : "migration")}:{link.Name}";

    /// <summary><c>on</c>, or <c>on 5%, off 95%</c>, or <c>on 5%, off 95% by account</c>.</summary>
    public static string Of(Serve serve) =>
        serve switch
        {
            Serve.One one => one.Variant,
            Serve.Split split => string.Join(", ", split.Slices.Select(slice => $"{slice.Variant} {slice.Share}"))
                + (split.By == Serve.Split.TargetingKey ? "" : $" by {split.By}"),
            _ => throw new InvalidOperationException($"Nothing serves like {serve.GetType().Name}."),
        };

    /// <summary>As people would say it: <c>country in "DE", "AT" and not segment internal</c>.</summary>
    public static string Of(Condition condition) =>
        condition switch
        {
            Condition.InSegment named => $"segment {named.Segment}",
            Condition.Attribute { Test: Test.Exists } attribute => $"{attribute.Name} exists",
            Condition.Attribute attribute => $"{attribute.Name} {attribute.Test.Word()} {Values(attribute.Values)}",
            Condition.All all => $"({string.Join(" and ", all.Conditions.Select(Of))})",
            Condition.Any any => $"({string.Join(" or ", any.Conditions.Select(Of))})",
            Condition.Not not => $"not {Of(not.Condition)}",
            _ => throw new InvalidOperationException($"No such condition: {condition.GetType().Name}."),
        };

    public static string Of(Scheduled entry)
    {
        var words = new StringBuilder($"at {entry.At:yyyy-MM-ddTHH:mm} {entry.Zone}");
        words.Append(
            entry.IsEnabled switch
            {
                true => " switch on",
                false => " switch off",
                null => "",
            }
        );
        return entry.Otherwise is { } otherwise ? words.Append(" serve ").Append(Of(otherwise)).ToString() : words.ToString();
    }

    private static string Values(IReadOnlyList<VariantValue> values) =>
        values.Count > 10
            ? $"{string.Join(", ", values.Take(10).Select(value => value.Json))} and {values.Count - 10} more"
            : string.Join(", ", values.Select(value => value.Json));
}
