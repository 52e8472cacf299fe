using Teal.Flags;

namespace Teal.Tests.Fast.Flags.Authoring;

/// <summary>
/// What a set of flags means, read straight off the model with nothing compiled: slow, obvious, and written without a look at the compiler.
/// </summary>
internal sealed class PlainReading(FlagSet set, string environment, IReadOnlyDictionary<string, object> user)
{
    /// <summary>The variant; null: the application's own default.</summary>
    public string? VariantOf(string key)
    {
        var flag = set.Flags[key];
        var targeting = flag.Environments[environment];
        if (!targeting.IsEnabled || flag.Requires.Any(it => !it.Variants.Contains(VariantOf(it.Flag))) || IsHeldOut(targeting))
        {
            return targeting.Off;
        }
        foreach (var rule in targeting.Rules)
        {
            if (Holds(rule.If) && Served(flag, rule.Serve) is { } variant)
            {
                return variant;
            }
        }
        return Served(flag, targeting.Otherwise) ?? targeting.Off;
    }

    private bool IsHeldOut(Targeting targeting) =>
        targeting.Holdout is { } name
        && set.Holdouts[name] is var holdout
        && TextOf(holdout.By) is { Length: > 0 } key
        && Cohort.Includes(holdout.Share, holdout.Salt, key);

    /// <summary>Null: a split, and the user has no key for it.</summary>
    private string? Served(Flag flag, Serve serve)
    {
        if (serve is Serve.One one)
        {
            return one.Variant;
        }
        var split = (Serve.Split)serve;
        if (split.Slices.FirstOrDefault(slice => slice.Share == Share.All) is { } whole)
        {
            return whole.Variant;
        }
        if (TextOf(split.By) is not { Length: > 0 } key)
        {
            return null;
        }
        var bucket = Cohort.Bucket(flag.Salt, key, Share.Whole);
        var filled = 0;
        return split.Slices.First(slice => bucket < (filled += slice.Share.Parts)).Variant;
    }

    private bool Holds(Condition condition) =>
        condition switch
        {
            Condition.InSegment it => Holds(set.Segments[it.Segment]),
            Condition.All it => it.Conditions.All(Holds),
            Condition.Any it => it.Conditions.Any(Holds),
            Condition.Not it => !Holds(it.Condition),
            Condition.Attribute it => Holds(it),
            _ => throw new NotSupportedException(),
        };

    private bool Holds(Segment segment) =>
        (TextOf(Serve.Split.TargetingKey) is { } key && segment.Users.Contains(key)) || (segment.If is { } condition && Holds(condition));

    private bool Holds(Condition.Attribute it)
    {
        var value = user.GetValueOrDefault(it.Name);
        var texts = it.Values.Select(wanted => wanted.Text());
        return it.Test switch
        {
            Test.Equals or Test.In => value is string text && texts.Contains(text),
            Test.NotIn => !(value is string text && texts.Contains(text)),
            Test.StartsWith => value is string text && texts.Any(wanted => text.StartsWith(wanted, StringComparison.Ordinal)),
            Test.EndsWith => value is string text && texts.Any(wanted => text.EndsWith(wanted, StringComparison.Ordinal)),
            Test.Contains => value is string text && texts.Any(wanted => text.Contains(wanted, StringComparison.Ordinal)),
            Test.Less => value is double number && number < it.Values[0].Number(),
            Test.AtMost => value is double number && number <= it.Values[0].Number(),
            Test.Greater => value is double number && number > it.Values[0].Number(),
            Test.AtLeast => value is double number && number >= it.Values[0].Number(),
            Test.Exists => value is not null,
            Test.SemVer => value is string text && InRange(text, it.Values[0].Text()),
            _ => throw new NotSupportedException(),
        };
    }

    /// <summary>Of the ranges that the generator writes, for plain versions.</summary>
    private static bool InRange(string version, string range)
    {
        var v = Version.Parse(version);
        return range switch
        {
            "=1.2.3" => v == new Version(1, 2, 3),
            "!=1.2.3" => v != new Version(1, 2, 3),
            "<2.0.0" => v < new Version(2, 0, 0),
            ">=1.2.0" => v >= new Version(1, 2, 0),
            // flagd's ^ is the same major version, its ~ the same major and minor one.
            "^1.2.3" => v.Major == 1,
            "~1.2.0" => v is { Major: 1, Minor: 2 },
            _ => throw new NotSupportedException(range),
        };
    }

    private string? TextOf(string attribute) => user.GetValueOrDefault(attribute) as string;
}
