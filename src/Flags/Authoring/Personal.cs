namespace Teal.Flags;

/// <summary>What may not be sent to clients, because it says of single persons who they are.</summary>
internal static class Personal
{
    /// <summary>Attributes whose values name one person; compared without case, dashes and underscores.</summary>
    private static readonly HashSet<string> Attributes = new(StringComparer.OrdinalIgnoreCase)
    {
        "targetingKey",
        "email",
        "mail",
        "phone",
        "user",
        "userId",
        "userName",
        "login",
        "name",
        "ip",
        "ipAddress",
    };

    /// <summary>True when the flag, switched on there, is decided by personal data: its own rules', or those of a flag that it requires.</summary>
    public static bool Decides(FlagSet set, Flag flag, string environment)
    {
        var targeting = flag.Environments[environment];
        return targeting.IsEnabled
            && (
                targeting.Rules.Any(rule => Names(set, rule.If))
                || flag.Requires.Any(required => Decides(set, set.Flags[required.Flag], environment))
            );
    }

    private static bool Names(FlagSet set, Condition condition) =>
        condition switch
        {
            Condition.InSegment named => set.Segments[named.Segment] is var segment
                && (segment.IsPersonal || segment.Users.Count > 0 || (segment.If is { } inner && Names(set, inner))),
            Condition.Attribute attribute => attribute.Test is Test.Equals or Test.In or Test.NotIn && IsPersonal(attribute.Name),
            Condition.All all => all.Conditions.Any(inner => Names(set, inner)),
            Condition.Any any => any.Conditions.Any(inner => Names(set, inner)),
            Condition.Not not => Names(set, not.Condition),
            _ => throw new InvalidOperationException($"No such condition: {condition.GetType().Name}."),
        };

    private static bool IsPersonal(string attribute) =>
        Attributes.Contains(attribute.Split('.')[^1].Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal));
}
