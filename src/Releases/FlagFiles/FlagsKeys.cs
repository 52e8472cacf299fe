using System.Text.Json.Nodes;
using Teal.Flags;

namespace Teal.Releases;

/// <param name="Schema">Made anew at each call: a node stands in one place.</param>
internal sealed record FlagsKey(string Name, string Words, Func<JsonObject> Schema, bool IsRequired = false);

/// <param name="Name">Of its definition in the schema.</param>
internal sealed record FlagFileSection(string Name, string Title, IReadOnlyList<FlagsKey> Keys);

/// <summary>Every key of <c>flags.yaml</c> and what it takes. A test holds it against what the reader knows.</summary>
internal static class FlagsKeys
{
    private const string SharePattern = @"^(?:(100(\.0{1,2})?|[0-9]{1,2}(\.[0-9]{1,2})?)%)$";

    private static readonly FlagsKey[] Served =
    [
        new("enabled", "`false`: everybody gets the off variant.", Truth),
        new("off", "The variant that is served while the flag is off; `~`: the application's own default.", TextOrNone),
        new("serve", "The variant for everybody whom no rule meets.", Text),
        new("rollout", "Instead of `serve`: a share of `on`, or a share for each variant, the last one `rest`.", Rollout),
        new("by", "The attribute that keeps a user with one variant of a rollout; `targetingKey` when left out.", Text),
        new("holdout", "The holdout whose users get the off variant; `~`: none.", TextOrNone),
        new("rules", "The first whose `if` holds decides.", () => List(() => Reference("rule"), FlagLimits.Rules)),
        new("schedule", "Changes at a time on the clock of a place.", () => List(() => Reference("scheduled"), FlagLimits.Schedule)),
    ];

    public static readonly IReadOnlyList<FlagFileSection> Sections =
    [
        new(
            "file",
            "The file",
            [
                new(
                    "environments",
                    "In the order in which changes travel, the one that matters most last.",
                    () => Texts(FlagLimits.Environments)
                ),
                new("segments", "Groups of users by their names.", () => Map(() => Reference("segment"), FlagLimits.Segments)),
                new(
                    "holdouts",
                    "Shares of users who get nothing new, by their names.",
                    () => Map(() => Reference("holdout"), FlagLimits.Holdouts)
                ),
                new("flags", "Flags by their keys.", () => Map(() => Reference("flag"), FlagLimits.Flags), IsRequired: true),
            ]
        ),
        new(
            "flag",
            "A flag",
            [
                new("owner", "A team or a person.", Text, IsRequired: true),
                new("kind", "What it is for; `release` when left out.", () => OneOf(Enum.GetValues<FlagKind>().Select(FlagWords.Of))),
                new("description", "What it is for, in words.", Text),
                new("tags", "Words to find it by.", () => Texts(FlagLimits.Tags)),
                new("created", "A day, as 2027-01-31.", Day),
                new("expires", "When it should be gone, as 2027-01-31.", Day),
                new(
                    "variants",
                    "Names and values, all of one kind; `on` and `off` when left out.",
                    () => Map(() => Reference("value"), FlagLimits.Variants)
                ),
                new(
                    "requires",
                    "Other flags, and the variant or variants that they have to serve.",
                    () => Map(TextOrTexts, FlagLimits.Requires)
                ),
                new(
                    "links",
                    "`release:NAME` or `migration:NAME`.",
                    () => List(() => Pattern("^(?:release|migration):.+$"), FlagLimits.Links)
                ),
                new(
                    "cohort",
                    "`same-as` or `disjoint-from`, then `flag:NAME` or `release:NAME`.",
                    () => Pattern("^(?:same-as|disjoint-from) (?:flag|release):.+$")
                ),
                new("salt", "What splits mix with the user's key; the flag's key when left out.", Text),
                new("archived", "`true`: it is in no document.", Truth),
                .. Served,
                new(
                    "environments",
                    "What differs in an environment, key by key.",
                    () => Map(() => Reference("environment"), FlagLimits.Environments)
                ),
            ]
        ),
        new("environment", "A flag in an environment", Served),
        new(
            "rule",
            "A rule",
            [
                new("name", "Unique in its flag; shown when an evaluation is explained.", Text, IsRequired: true),
                new("if", "Who is meant.", () => Reference("condition"), IsRequired: true),
                .. Served.Where(key => key.Name is "serve" or "rollout" or "by"),
            ]
        ),
        new(
            "scheduled",
            "An entry of a schedule",
            [
                new(
                    "at",
                    "Local time, as 2026-12-01T09:00.",
                    () => Pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$"),
                    IsRequired: true
                ),
                new("zone", "The place whose clock it is, as Europe/Berlin.", Text, IsRequired: true),
                .. Served.Where(key => key.Name is "enabled" or "serve" or "rollout" or "by"),
            ]
        ),
        new(
            "segment",
            "A segment",
            [
                new("description", "Who they are, in words.", Text),
                new("users", "Targeting keys; never sent to clients.", () => Texts(FlagLimits.Users)),
                new("if", "Who else is in it.", () => Reference("condition")),
                new("personal", "`true`: the condition says who single persons are, and is never sent to clients.", Truth),
            ]
        ),
        new(
            "holdout",
            "A holdout",
            [
                new("share", "How many users, as 5%.", Part, IsRequired: true),
                new("salt", "What it mixes with the user's key; made of its name when left out.", Text),
                new("by", "The attribute that keeps a user in it; `targetingKey` when left out.", Text),
            ]
        ),
    ];

    /// <summary>A value, a list of values, a group of tests; or the words of the language.</summary>
    public static JsonObject Condition() =>
        new()
        {
            ["type"] = "object",
            ["minProperties"] = 1,
            ["properties"] = new JsonObject
            {
                ["segment"] = Text(),
                ["all"] = List(() => Reference("condition"), FlagLimits.ConditionParts),
                ["any"] = List(() => Reference("condition"), FlagLimits.ConditionParts),
                ["not"] = Reference("condition"),
            },
            ["additionalProperties"] = new JsonObject { ["anyOf"] = new JsonArray(Scalar(), List(Scalar, FlagLimits.Values), Tests()) },
        };

    public static JsonObject Value() => new() { ["type"] = new JsonArray("boolean", "string", "number", "object") };

    private static JsonObject Tests()
    {
        var tests = new JsonObject();
        foreach (var test in Enum.GetValues<Test>())
        {
            tests[test.Word()] =
                test == Test.Exists
                    ? new JsonObject { ["const"] = true }
                    : new JsonObject { ["anyOf"] = new JsonArray(Scalar(), List(Scalar, FlagLimits.Values)) };
        }
        return new JsonObject
        {
            ["type"] = "object",
            ["minProperties"] = 1,
            ["additionalProperties"] = false,
            ["properties"] = tests,
        };
    }

    private static JsonObject Rollout() =>
        new()
        {
            ["anyOf"] = new JsonArray(
                Part(),
                Map(() => Pattern(@"^(?:rest|(100(\.0{1,2})?|[0-9]{1,2}(\.[0-9]{1,2})?)%)$"), FlagLimits.Slices)
            ),
        };

    private static JsonObject Reference(string name) => new() { ["$ref"] = $"#/$defs/{name}" };

    /// <summary>A text may be written like a number or a truth value; it is taken letter by letter.</summary>
    private static JsonObject Text() => new() { ["type"] = new JsonArray("string", "number", "boolean") };

    private static JsonObject Scalar() => Text();

    private static JsonObject TextOrNone() => new() { ["type"] = new JsonArray("string", "number", "boolean", "null") };

    private static JsonObject Truth() => new() { ["type"] = "boolean" };

    private static JsonObject Part() => Pattern(SharePattern);

    private static JsonObject Day() => Pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}$");

    private static JsonObject Texts(int most) => List(Text, most);

    private static JsonObject TextOrTexts() => new() { ["anyOf"] = new JsonArray(Text(), Texts(FlagLimits.Variants)) };

    private static JsonObject Pattern(string pattern) => new() { ["type"] = "string", ["pattern"] = pattern };

    private static JsonObject OneOf(IEnumerable<string> words) =>
        new() { ["enum"] = new JsonArray([.. words.Select(word => (JsonNode)word)]) };

    private static JsonObject List(Func<JsonObject> item, int most) =>
        new()
        {
            ["type"] = "array",
            ["items"] = item(),
            ["maxItems"] = most,
        };

    private static JsonObject Map(Func<JsonObject> value, int most) =>
        new()
        {
            ["type"] = "object",
            ["additionalProperties"] = value(),
            ["maxProperties"] = most,
        };
}
