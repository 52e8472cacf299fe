using Teal.Flags;

namespace Teal.Releases;

/// <summary>Reads one flag out of its group of keys.</summary>
internal sealed class FlagBinder(FlagNodes nodes)
{
    internal static readonly IReadOnlyList<string> Keys =
    [
        "owner",
        "kind",
        "description",
        "tags",
        "created",
        "expires",
        "variants",
        "requires",
        "links",
        "cohort",
        "salt",
        "archived",
        .. TargetingBinder.Keys,
        "environments",
    ];

    private static readonly IReadOnlyList<Variant> Usual = [new("on", VariantValue.True), new("off", VariantValue.False)];

    private readonly TargetingBinder _targetings = new(nodes);

    public Flag Read(YamlNode node, string path, string key, IReadOnlyList<string> environments)
    {
        var map = nodes.Group(node, "a flag", Keys);
        var variants = nodes.Read(map, path, "variants", Variants, Usual);
        return new Flag
        {
            Key = key,
            Kind = nodes.Read(map, path, "kind", Kind, FlagKind.Release),
            Type = variants.Count == 0 ? FlagType.Bool : variants[0].Value.Type,
            Owner = nodes.Read(map, path, "owner", nodes.Text, "the flag", ""),
            Description = nodes.Read(map, path, "description", nodes.Text, ""),
            Tags = nodes.Read(map, path, "tags", nodes.Texts, []),
            Created = nodes.Read(map, path, "created", nodes.Date, null),
            Expires = nodes.Read(map, path, "expires", nodes.Date, null),
            Variants = variants,
            Requires = nodes.Read(map, path, "requires", Requires, []),
            Links = nodes.Read(map, path, "links", (list, under) => nodes.List(list, under, Link), []),
            Cohort = nodes.Read(map, path, "cohort", Cohort, null),
            Salt = nodes.Read(map, path, "salt", nodes.Text, key),
            IsArchived = nodes.Read(map, path, "archived", nodes.Truth, false),
            Environments = Targetings(map, path, variants, environments),
        };
    }

    private IReadOnlyList<Variant> Variants(YamlNode node, string path) =>
        [.. nodes.Named(node, path, (value, under, name) => new Variant(name, nodes.Value(value, under))).Values];

    private IReadOnlyList<Prerequisite> Requires(YamlNode node, string path) =>
        [
            .. nodes
                .Named(
                    node,
                    path,
                    (value, under, flag) =>
                        new Prerequisite(flag, value is YamlList ? nodes.Texts(value, under) : [nodes.Text(value, under)])
                )
                .Values,
        ];

    private FlagKind Kind(YamlNode node, string path)
    {
        var word = nodes.Text(node, path);
        foreach (var kind in Enum.GetValues<FlagKind>())
        {
            if (FlagWords.Of(kind) == word)
            {
                return kind;
            }
        }
        var words = Enum.GetValues<FlagKind>().Select(FlagWords.Of).ToList();
        nodes.Errors.Add(
            "TEAL2009",
            node.At,
            $"the kind {Wording.Quote(word)} is refused: wanted is {string.Join(", ", words)}",
            Wording.Nearest(word, words)
        );
        return FlagKind.Release;
    }

    private FlagLink Link(YamlNode node, string path)
    {
        var text = nodes.Text(node, path);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        FlagLinkKind? kind = text[..Math.Max(0, colon)] switch
        {
            "release" => FlagLinkKind.Release,
            "migration" => FlagLinkKind.Migration,
            _ => null,
        };
        if (kind is null)
        {
            Refuse(node, text, "release:NAME or migration:NAME");
        }
        return new FlagLink(kind ?? FlagLinkKind.Release, text[(colon + 1)..]);
    }

    private CohortSharing? Cohort(YamlNode node, string path)
    {
        var text = nodes.Text(node, path);
        (CohortRelation, CohortOwner)? form = text[..(text.IndexOf(':', StringComparison.Ordinal) + 1)] switch
        {
            "same-as flag:" => (CohortRelation.SameAs, CohortOwner.Flag),
            "same-as release:" => (CohortRelation.SameAs, CohortOwner.Release),
            "disjoint-from flag:" => (CohortRelation.DisjointFrom, CohortOwner.Flag),
            "disjoint-from release:" => (CohortRelation.DisjointFrom, CohortOwner.Release),
            _ => null,
        };
        if (form is not var (relation, owner))
        {
            Refuse(node, text, "same-as or disjoint-from, then flag:NAME or release:NAME");
            return null;
        }
        return new CohortSharing(relation, owner, text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..]);
    }

    private void Refuse(YamlNode node, string text, string wanted) =>
        nodes.Errors.Add("TEAL2009", node.At, $"{Wording.Quote(text)} is refused: wanted is {wanted}");

    private Dictionary<string, Targeting> Targetings(
        YamlMap flag,
        string path,
        IReadOnlyList<Variant> variants,
        IReadOnlyList<string> environments
    )
    {
        var own = nodes.Read(
            flag,
            path,
            "environments",
            (node, under) =>
                nodes.Named(
                    node,
                    under,
                    (value, _, name) => nodes.Group(value, $"the environment {Wording.Quote(name)}", TargetingBinder.Keys)
                ),
            []
        );
        var targetings = new Dictionary<string, Targeting>(StringComparer.Ordinal);
        Targeting? plain = null;
        foreach (var name in environments.Concat(own.Keys).Distinct(StringComparer.Ordinal))
        {
            var under = $"{path}.environments.{name}";
            if (own.TryGetValue(name, out var above))
            {
                targetings.Add(name, _targetings.Read(TargetingBinder.Over(flag, above), under, variants));
                continue;
            }
            nodes.StandsElsewhere(under, path);
            targetings.Add(name, plain ??= _targetings.Read(flag, path, variants));
        }
        return targetings;
    }
}
