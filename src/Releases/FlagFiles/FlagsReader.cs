using Teal.Flags;

namespace Teal.Releases;

/// <summary>A set of flags, or everything that is wrong with it in the order of its lines.</summary>
public sealed record FlagsResult(FlagSet? Set, IReadOnlyList<ManifestError> Errors)
{
    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(true, nameof(Set))]
    public bool IsGood => Set is not null;
}

/// <summary>Reads <c>flags.yaml</c> strictly, whole or not at all. Pure: nothing is opened.</summary>
public static class FlagsReader
{
    internal static readonly IReadOnlyList<string> Keys = ["environments", "segments", "holdouts", "flags"];
    internal static readonly IReadOnlyList<string> SegmentKeys = ["description", "users", "if", "personal"];
    internal static readonly IReadOnlyList<string> HoldoutKeys = ["share", "salt", "by"];

    /// <param name="text">The file's text; at most 4 MiB in UTF-8.</param>
    /// <param name="path">Its path, for the messages.</param>
    public static FlagsResult Read(string text, string path)
    {
        var errors = new ManifestErrors(path);
        if (ManifestYaml.Read(text, YamlLimits.Flags, errors) is not { } node)
        {
            return new FlagsResult(null, errors.InOrder());
        }
        var nodes = new FlagNodes(errors);
        var set = Bind(node, nodes);
        // What was not understood would be said a second time as something that is missing.
        if (!errors.Any)
        {
            foreach (var problem in FlagRules.Check(set))
            {
                errors.Add(problem.Code, nodes.PlaceOf(problem.Path), problem.Message, problem.Suggestion);
            }
        }
        return new FlagsResult(errors.Any ? null : set, errors.InOrder());
    }

    private static FlagSet Bind(YamlNode node, FlagNodes nodes)
    {
        var file = nodes.Group(node, "the file", Keys);
        var environments = nodes.Read(file, "", "environments", nodes.Texts, FlagSet.Empty.Environments);
        var flags = new FlagBinder(nodes);
        return new FlagSet
        {
            Environments = environments,
            Segments = nodes.Read(
                file,
                "",
                "segments",
                (group, path) => nodes.Named(group, path, (one, at, _) => Segment(nodes, one, at)),
                []
            ),
            Holdouts = nodes.Read(
                file,
                "",
                "holdouts",
                (group, path) => nodes.Named(group, path, (one, at, name) => Holdout(nodes, one, at, name)),
                []
            ),
            Flags = nodes.Read(
                file,
                "",
                "flags",
                (group, path) => nodes.Named(group, path, (one, at, key) => flags.Read(one, at, key, environments)),
                "the file",
                []
            ),
        };
    }

    private static Segment Segment(FlagNodes nodes, YamlNode node, string path)
    {
        var map = nodes.Group(node, "a segment", SegmentKeys);
        return new Segment
        {
            Description = nodes.Read(map, path, "description", nodes.Text, ""),
            Users = nodes.Read(map, path, "users", nodes.Texts, []),
            If = nodes.Read(map, path, "if", (Func<YamlNode, string, Condition?>)new ConditionBinder(nodes).Read, null),
            IsPersonal = nodes.Read(map, path, "personal", nodes.Truth, false),
        };
    }

    private static Holdout Holdout(FlagNodes nodes, YamlNode node, string path, string name)
    {
        var map = nodes.Group(node, "a holdout", HoldoutKeys);
        return new Holdout(
            nodes.Read(map, path, "share", nodes.Part, "the holdout", Share.None),
            nodes.Read(map, path, "salt", nodes.Text, SaltOf(name)),
            nodes.Read(map, path, "by", nodes.Text, Serve.Split.TargetingKey)
        );
    }

    /// <summary>The salt of a holdout that names none.</summary>
    internal static string SaltOf(string holdout) => $"holdout:{holdout}";
}
