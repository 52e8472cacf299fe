using Teal.Flags;

namespace Teal.Releases;

/// <summary>Conditions as <see cref="ConditionBinder"/> reads them: several attributes that hold together stand in one group.</summary>
internal static class ConditionText
{
    public static string Of(Condition condition) =>
        condition switch
        {
            Condition.All all when Merged(all) is { } merged => merged,
            _ => YamlText.Map([Entry(condition)]),
        };

    /// <summary>Null where the parts cannot be the keys of one group.</summary>
    private static string? Merged(Condition.All all)
    {
        var entries = all
            .Conditions.Where(part => part is Condition.Attribute or Condition.InSegment)
            .Select(Entry)
            .DistinctBy(entry => entry.Key, StringComparer.Ordinal)
            .ToList();
        return entries.Count > 1 && entries.Count == all.Conditions.Count ? YamlText.Map(entries) : null;
    }

    private static (string Key, string Value) Entry(Condition condition) =>
        condition switch
        {
            Condition.InSegment named => ("segment", YamlText.Of(named.Segment)),
            Condition.Attribute attribute => (attribute.Name, Test(attribute)),
            Condition.All all => ("all", YamlText.List(all.Conditions.Select(Of))),
            Condition.Any any => ("any", YamlText.List(any.Conditions.Select(Of))),
            Condition.Not not => ("not", Of(not.Condition)),
            _ => throw new InvalidOperationException($"No such condition: {condition.GetType().Name}."),
        };

    private static string Test(Condition.Attribute attribute)
    {
        var values = attribute.Values.Select(YamlText.Of).ToList();
        return attribute.Test switch
        {
            Flags.Test.Equals => values[0],
            Flags.Test.In => YamlText.List(values),
            Flags.Test.Exists => YamlText.Map([(attribute.Test.Word(), "true")]),
            Flags.Test.NotIn => YamlText.Map([(attribute.Test.Word(), YamlText.List(values))]),
            _ => YamlText.Map([(attribute.Test.Word(), values.Count == 1 ? values[0] : YamlText.List(values))]),
        };
    }
}
