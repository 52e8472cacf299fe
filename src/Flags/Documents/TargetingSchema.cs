namespace Teal.Flags;

/// <summary>
/// What flagd's <c>targeting.json</c> (schema v0) lets stand in a targeting. Wider than it in two places, where flagd itself is: a
/// <c>$ref</c> may stand wherever a rule may, and a version may be written in part.
/// </summary>
internal static class TargetingSchema
{
    private const int Any = int.MaxValue;

    /// <summary>How many arguments, for the operations that have nothing else to be checked.</summary>
    private static readonly Dictionary<string, (int Least, int Most)> _counts = new(StringComparer.Ordinal)
    {
        ["if"] = (1, Any),
        ["or"] = (1, Any),
        ["and"] = (1, Any),
        ["+"] = (1, Any),
        ["-"] = (1, Any),
        ["max"] = (1, Any),
        ["min"] = (1, Any),
        ["merge"] = (1, Any),
        ["cat"] = (1, Any),
        ["*"] = (2, Any),
        ["=="] = (2, 2),
        ["==="] = (2, 2),
        ["!="] = (2, 2),
        ["!=="] = (2, 2),
        [">"] = (2, 2),
        [">="] = (2, 2),
        ["%"] = (2, 2),
        ["/"] = (2, 2),
        ["map"] = (2, 2),
        ["filter"] = (2, 2),
        ["all"] = (2, 2),
        ["none"] = (2, 2),
        ["some"] = (2, 2),
        ["in"] = (2, 2),
        ["substr"] = (2, 3),
        ["<"] = (2, 3),
        ["<="] = (2, 3),
        ["reduce"] = (3, 3),
    };

    /// <returns>Null when it is good; else the term that is not, and why.</returns>
    public static (JsonTerm At, string Why)? Check(JsonTerm targeting) =>
        targeting.Kind != ValueKind.Object ? (targeting, "Targeting is an object: a rule, or {}.")
        : targeting.Items.Length == 0 ? null
        : CheckRule(targeting);

    private static (JsonTerm At, string Why)? CheckRule(JsonTerm rule)
    {
        if (!rule.IsOperation(out var arguments))
        {
            return (rule, "A rule is an object with one member, the operation.");
        }
        if (_counts.TryGetValue(arguments.Name!, out var count))
        {
            return CheckCount(arguments, count.Least, count.Most) ?? CheckAll(arguments.Items);
        }
        return arguments.Name switch
        {
            "$ref" => arguments.Kind == ValueKind.String ? null : (arguments, "$ref is the name of an evaluator."),
            "var" => CheckVariable(arguments),
            // Any list is an argument of its own to the schema.
            "!" or "!!" => CheckArgument(arguments),
            "missing" => CheckNames(arguments),
            "missing_some" => CheckMissingSome(arguments),
            "starts_with" or "ends_with" => CheckCount(arguments, 2, 2) ?? First(arguments.Items, CheckText),
            "sem_ver" => CheckCount(arguments, 3, 3) ?? CheckSemVer(arguments.Items),
            "fractional" => CheckCount(arguments, 1, Any) ?? First(arguments.Items, CheckBucket),
            _ => (arguments, $"There is no operation '{arguments.Name}'."),
        };
    }

    private static (JsonTerm At, string Why)? CheckArgument(JsonTerm argument) =>
        argument.Kind switch
        {
            ValueKind.Object => CheckRule(argument),
            ValueKind.List => First(argument.Items, CheckElement),
            _ => null,
        };

    // An element of a constant list may be an object without members: it is no rule.
    private static (JsonTerm At, string Why)? CheckElement(JsonTerm element) =>
        element.Kind == ValueKind.Object && element.Items.Length == 0 ? null : CheckArgument(element);

    private static (JsonTerm At, string Why)? CheckAll(JsonTerm[] arguments) => First(arguments, CheckArgument);

    private static (JsonTerm At, string Why)? CheckCount(JsonTerm arguments, int least, int most)
    {
        if (arguments.Kind != ValueKind.List)
        {
            return (arguments, $"'{arguments.Name}' takes a list of arguments.");
        }
        return arguments.Items.Length >= least && arguments.Items.Length <= most
            ? null
            : (arguments, $"'{arguments.Name}' takes {Numbers(least, most)} arguments, not {arguments.Items.Length}.");
    }

    private static string Numbers(int least, int most) =>
        least == most ? $"{least}"
        : most == Any ? $"at least {least}"
        : $"{least} or {most}";

    private static (JsonTerm At, string Why)? CheckVariable(JsonTerm name)
    {
        if (name.Kind == ValueKind.String)
        {
            return name.Text!.StartsWith("$flagd.", StringComparison.Ordinal) && name.Text is not ("$flagd.timestamp" or "$flagd.flagKey")
                ? (name, "flagd injects $flagd.timestamp and $flagd.flagKey, nothing else.")
                : null;
        }
        if (name.Kind != ValueKind.List)
        {
            return CheckArgument(name);
        }
        if (name.Items.Length == 0 || name.Items[0].Kind != ValueKind.String)
        {
            return (name, "var takes a name, or a list of a name and a default.");
        }
        var strange = name.Items.FirstOrDefault(static item => item.Kind is ValueKind.List or ValueKind.Object);
        return strange is null ? null : (strange, "The default of var is null, a boolean, a number or a string.");
    }

    private static (JsonTerm At, string Why)? CheckNames(JsonTerm names) =>
        names.Kind == ValueKind.List
            ? First(
                names.Items,
                static name => name.Kind == ValueKind.String ? null : (name, "This is the name of an attribute: a string.")
            )
            : (names, "This is a list of names.");

    private static (JsonTerm At, string Why)? CheckMissingSome(JsonTerm arguments) =>
        CheckCount(arguments, 2, 2)
        ?? (arguments.Items[0].Kind == ValueKind.Number ? CheckNames(arguments.Items[1]) : (arguments.Items[0], "How many, a number."));

    private static (JsonTerm At, string Why)? CheckText(JsonTerm text) =>
        text.Kind switch
        {
            ValueKind.String => null,
            ValueKind.Object => CheckRule(text),
            _ => (text, "This is a string or a rule."),
        };

    private static (JsonTerm At, string Why)? CheckSemVer(JsonTerm[] arguments) =>
        !SemVerRule.Operators.Contains(arguments[1].Text)
            ? (arguments[1], $"The operator is one of {string.Join(' ', SemVerRule.Operators)}.")
            : CheckVersion(arguments[0]) ?? CheckVersion(arguments[2]);

    private static (JsonTerm At, string Why)? CheckVersion(JsonTerm version) =>
        version.Kind == ValueKind.Object ? CheckRule(version)
        : version.Text is { } text && SemanticVersion.TryParse(text, out _) ? null
        : (version, "This is no semantic version.");

    private static (JsonTerm At, string Why)? CheckBucket(JsonTerm bucket)
    {
        if (bucket.Kind == ValueKind.Object && bucket.Place == 0)
        {
            return CheckRule(bucket);
        }
        if (bucket.Kind != ValueKind.List || bucket.Items.Length is < 1 or > 2)
        {
            return (bucket, "fractional takes lists of a variant and its weight, and before them a rule for the key.");
        }
        var weight = bucket.Items.Length == 2 ? bucket.Items[1] : null;
        if (weight is not null && weight.Kind != ValueKind.Object && !(weight.Kind == ValueKind.Number && IsWeight(weight.Number)))
        {
            return (weight, "A weight is a whole number from 0, or a rule.");
        }
        return CheckAll(bucket.Items);
    }

    private static bool IsWeight(double number) => number >= 0 && double.IsInteger(number);

    private static (JsonTerm At, string Why)? First(JsonTerm[] terms, Func<JsonTerm, (JsonTerm At, string Why)?> check)
    {
        foreach (var term in terms)
        {
            if (check(term) is { } fault)
            {
                return fault;
            }
        }
        return null;
    }
}
