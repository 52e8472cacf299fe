using Teal.Flags;

namespace Teal.Releases;

/// <summary>
/// Reads who is meant: <c>{ country: [DE, AT], plan: { in: [gold] } }</c>. Several keys hold together; a list is one of its values.
/// </summary>
internal sealed class ConditionBinder(FlagNodes nodes)
{
    private static readonly IReadOnlyDictionary<string, Test> Tests = Enum.GetValues<Test>()
        .ToDictionary(test => test.Word(), StringComparer.Ordinal);

    // Stands in for what could not be read; the file is refused.
    private static readonly Condition.Any Nobody = new([]);

    public Condition Read(YamlNode node, string path)
    {
        var parts = nodes.Map(node, "a condition").Entries.SelectMany(PartsOf).ToList();
        switch (parts.Count)
        {
            case 0:
                nodes.Wanted(node, "a condition names at least one attribute or segment");
                return Nobody;
            case 1:
                return parts[0].Read(path);
            default:
                return new Condition.All([.. parts.Select((part, index) => At(part, $"{path}.all[{index}]"))]);
        }
    }

    private Condition At(Part part, string path)
    {
        nodes.Stands(path, part.At);
        return part.Read(path);
    }

    private IEnumerable<Part> PartsOf(YamlEntry entry) =>
        (entry.Key, entry.Value) switch
        {
            ("segment", _) => [new Part(entry.At, path => new Condition.InSegment(nodes.Text(entry.Value, $"{path}.segment")))],
            ("all", _) => [new Part(entry.At, path => new Condition.All(nodes.List(entry.Value, $"{path}.all", Read)))],
            ("any", _) => [new Part(entry.At, path => new Condition.Any(nodes.List(entry.Value, $"{path}.any", Read)))],
            ("not", _) => [new Part(entry.At, path => new Condition.Not(Read(entry.Value, $"{path}.not")))],
            (_, YamlMap { Entries.Count: > 0 } tests) => tests.Entries.Select(test => new Part(test.At, path => Tested(entry, test, path))),
            (_, YamlList) => [new Part(entry.At, path => Attribute(entry.Key, Test.In, entry, path))],
            _ => [new Part(entry.At, path => Attribute(entry.Key, Test.Equals, entry, path))],
        };

    private Condition Tested(YamlEntry attribute, YamlEntry written, string path)
    {
        if (!Tests.TryGetValue(written.Key, out var test))
        {
            nodes.Errors.Add(
                "TEAL2005",
                written.At,
                $"there is no test {Wording.Quote(written.Key)}; there are {string.Join(", ", Tests.Keys)}",
                Wording.Nearest(written.Key, Tests.Keys)
            );
            return Nobody;
        }
        if (test != Test.Exists)
        {
            return Attribute(attribute.Key, test, written, path);
        }
        if (written.Value is not YamlScalar { IsPlain: true, Text: "true" })
        {
            nodes.Wanted(written.Value, "'exists' takes true; for the opposite write not: { … }");
        }
        nodes.Stands($"{path}.{attribute.Key}", written.At);
        return new Condition.Attribute(attribute.Key, test, []);
    }

    private Condition.Attribute Attribute(string name, Test test, YamlEntry written, string path)
    {
        var under = $"{path}.{name}";
        nodes.Stands(under, written.Value.At);
        var values = written.Value is YamlList ? nodes.List(written.Value, under, nodes.Value) : [nodes.Value(written.Value, under)];
        return new Condition.Attribute(name, test, values);
    }

    private sealed record Part(Place At, Func<string, Condition> Read);
}
