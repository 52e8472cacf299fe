using System.Text.Json;

namespace Teal.Flags;

/// <summary>
/// Writes what a flag serves as JSONLogic. The bucket's key is always written out as the salt and the attribute, so that neither a
/// rename nor being part of another flag moves anybody; the weights are parts of ten thousand, so that the buckets are those of
/// <see cref="Cohort"/>.
/// </summary>
/// <param name="segments">Filled with the names of the segments that are referred to.</param>
internal sealed class TargetingWriter(
    Utf8JsonWriter writer,
    FlagSet set,
    string environment,
    IReadOnlyDictionary<string, CohortLine> releases,
    SortedSet<string> segments
)
{
    /// <summary>Inside of an evaluator segments are written out: not every client resolves a reference within a reference.</summary>
    private bool _isInSegment;

    /// <summary>What the document names beside the targeting: what is served when no rule decides.</summary>
    public static string? DefaultOf(Targeting targeting) =>
        targeting.IsEnabled ? SettledOn(targeting.Otherwise) ?? targeting.Off : targeting.Off;

    /// <summary>The variant that everybody gets, with or without a key; null for a real split.</summary>
    public static string? SettledOn(Serve serve) =>
        serve switch
        {
            Serve.One one => one.Variant,
            Serve.Split split => split.Slices.FirstOrDefault(slice => slice.Share == Share.All)?.Variant,
            _ => null,
        };

    public static bool IsNeeded(Flag flag, Targeting targeting) =>
        targeting.IsEnabled
        && (
            flag.Requires.Count > 0 || targeting.Holdout is not null || targeting.Rules.Count > 0 || SettledOn(targeting.Otherwise) is null
        );

    /// <summary>The targeting of a flag that needs one.</summary>
    public void Write(Flag flag) => Decision(flag, isInside: false);

    public void WriteSegment(string name)
    {
        _isInSegment = true;
        Segment(name);
        _isInSegment = false;
    }

    /// <param name="isInside">Within another flag, where no default variant stands beside it.</param>
    private void Decision(Flag flag, bool isInside)
    {
        var targeting = flag.Environments[environment];
        if (!IsNeeded(flag, targeting))
        {
            Text(DefaultOf(targeting));
            return;
        }
        var place = Cohorts.PlaceOf(set, flag)!;
        Open("if");
        foreach (var required in flag.Requires)
        {
            Open("!");
            Serves(required);
            Close();
            Text(targeting.Off);
        }
        if (targeting.Holdout is { } holdout)
        {
            HeldOut(set.Holdouts[holdout]);
            Text(targeting.Off);
        }
        foreach (var rule in targeting.Rules)
        {
            WriteRule(rule, place);
        }
        Otherwise(targeting, place, isInside);
        Close();
    }

    /// <summary>True where the required flag serves one of the wanted variants.</summary>
    private void Serves(Prerequisite required)
    {
        Open("in");
        Decision(set.Flags[required.Flag], isInside: true);
        writer.WriteStartArray();
        foreach (var variant in required.Variants)
        {
            writer.WriteStringValue(variant);
        }
        writer.WriteEndArray();
        Close();
    }

    private void HeldOut(Holdout holdout)
    {
        Open("and");
        Var(holdout.By);
        Open("===");
        Open("fractional");
        Key(holdout.Salt, holdout.By);
        Weight("held", holdout.Share.Parts);
        Weight("free", Share.Whole - holdout.Share.Parts);
        Close();
        Text("held");
        Close();
        Close();
    }

    /// <summary>Who has no key for a split is not met by its rule and goes on to the next one.</summary>
    private void WriteRule(Rule rule, CohortPlace place)
    {
        if (SettledOn(rule.Serve) is { } variant)
        {
            Condition(rule.If);
            Text(variant);
            return;
        }
        var split = (Serve.Split)rule.Serve;
        Open("and");
        Condition(rule.If);
        Var(split.By);
        Close();
        Fractional(split, place);
    }

    private void Otherwise(Targeting targeting, CohortPlace place, bool isInside)
    {
        if (SettledOn(targeting.Otherwise) is { } variant)
        {
            // Null leaves it to the default variant, which says in the reason that no rule decided.
            Text(isInside ? variant : null);
            return;
        }
        var split = (Serve.Split)targeting.Otherwise;
        Var(split.By);
        Fractional(split, place);
        Text(isInside ? targeting.Off : null);
    }

    private void Fractional(Serve.Split split, CohortPlace place)
    {
        if (place.Release is { } service && releases.TryGetValue(service, out var shared))
        {
            place = place with { Salt = shared.Salt, IsFromTop = place.IsFromTop ^ shared.IsFromTop };
        }
        Open("fractional");
        Key(place.Salt, split.By);
        foreach (var slice in place.Laid(split.Slices).Where(slice => slice.Share != Share.None))
        {
            Weight(slice.Variant, slice.Share.Parts);
        }
        Close();
    }

    private void Segment(string name)
    {
        var segment = set.Segments[name];
        var isListed = segment.Users.Count > 0 || segment.If is null;
        if (isListed && segment.If is not null)
        {
            Open("or");
        }
        if (isListed)
        {
            Open("in");
            Var(Serve.Split.TargetingKey);
            writer.WriteStartArray();
            foreach (var user in segment.Users)
            {
                writer.WriteStringValue(user);
            }
            writer.WriteEndArray();
            Close();
        }
        if (segment.If is { } condition)
        {
            Condition(condition);
        }
        if (isListed && segment.If is not null)
        {
            Close();
        }
    }

    private void Condition(Condition condition)
    {
        switch (condition)
        {
            case Condition.InSegment named when _isInSegment:
                Segment(named.Segment);
                break;
            case Condition.InSegment named:
                segments.Add(named.Segment);
                writer.WriteStartObject();
                writer.WriteString("$ref", named.Segment);
                writer.WriteEndObject();
                break;
            case Condition.Attribute attribute:
                Attribute(attribute);
                break;
            case Condition.All all:
                Group("and", all.Conditions);
                break;
            case Condition.Any any:
                Group("or", any.Conditions);
                break;
            case Condition.Not not:
                Group("!", [not.Condition]);
                break;
            default:
                throw new InvalidOperationException($"No such condition: {condition.GetType().Name}.");
        }
    }

    private void Group(string operation, IReadOnlyList<Condition> conditions)
    {
        Open(operation);
        foreach (var condition in conditions)
        {
            Condition(condition);
        }
        Close();
    }

    private void Attribute(Condition.Attribute attribute)
    {
        var values = attribute.Values;
        switch (attribute.Test)
        {
            case Test.Equals:
                Compare("===", attribute.Name, values[0]);
                break;
            case Test.In:
                Among(attribute);
                break;
            case Test.NotIn:
                Open("!");
                Among(attribute);
                Close();
                break;
            case Test.StartsWith or Test.EndsWith:
                OneOf(values, value => Compare(attribute.Test.Word(), attribute.Name, value));
                break;
            case Test.Contains:
                OneOf(values, value => Contains(attribute.Name, value));
                break;
            case Test.SemVer:
                Version(attribute.Name, values[0]);
                break;
            case Test.Exists:
                Exists(attribute.Name);
                break;
            default:
                // Without it JSONLogic takes an absent number for 0.
                Open("and");
                Exists(attribute.Name);
                Compare(SignOf(attribute.Test), attribute.Name, values[0]);
                Close();
                break;
        }
    }

    private static string SignOf(Test test) =>
        test switch
        {
            Test.Less => "<",
            Test.AtMost => "<=",
            Test.Greater => ">",
            _ => ">=",
        };

    private void OneOf(IReadOnlyList<VariantValue> values, Action<VariantValue> write)
    {
        if (values.Count == 1)
        {
            write(values[0]);
            return;
        }
        Open("or");
        foreach (var value in values)
        {
            write(value);
        }
        Close();
    }

    private void Compare(string operation, string attribute, VariantValue value)
    {
        Open(operation);
        Var(attribute);
        writer.WriteRawValue(value.Json, skipInputValidation: true);
        Close();
    }

    private void Contains(string attribute, VariantValue value)
    {
        Open("in");
        writer.WriteRawValue(value.Json, skipInputValidation: true);
        Var(attribute);
        Close();
    }

    private void Among(Condition.Attribute attribute)
    {
        Open("in");
        Var(attribute.Name);
        writer.WriteStartArray();
        foreach (var value in attribute.Values)
        {
            writer.WriteRawValue(value.Json, skipInputValidation: true);
        }
        writer.WriteEndArray();
        Close();
    }

    private void Version(string attribute, VariantValue value)
    {
        var (sign, version) = ConditionRules.SemVerOf(value)!.Value;
        Open("sem_ver");
        Var(attribute);
        Text(sign);
        Text(version);
        Close();
    }

    private void Exists(string attribute)
    {
        Open("!==");
        Var(attribute);
        writer.WriteNullValue();
        Close();
    }

    private void Key(string salt, string by)
    {
        Open("cat");
        Text(salt);
        Var(by);
        Close();
    }

    private void Weight(string variant, int parts)
    {
        writer.WriteStartArray();
        writer.WriteStringValue(variant);
        writer.WriteNumberValue(parts);
        writer.WriteEndArray();
    }

    private void Var(string attribute)
    {
        writer.WriteStartObject();
        writer.WriteString("var", attribute);
        writer.WriteEndObject();
    }

    private void Text(string? text)
    {
        if (text is null)
        {
            writer.WriteNullValue();
            return;
        }
        writer.WriteStringValue(text);
    }

    private void Open(string operation)
    {
        writer.WriteStartObject();
        writer.WriteStartArray(operation);
    }

    private void Close()
    {
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
