using Teal.Flags;

namespace Teal.Releases;

/// <summary>A manifest, or everything that is wrong with it in the order of its lines.</summary>
/// <param name="Environments">The names that the file has overrides for.</param>
public sealed record ManifestResult(Manifest? Manifest, IReadOnlyList<ManifestError> Errors, IReadOnlyList<string> Environments)
{
    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(true, nameof(Manifest))]
    public bool IsGood => Manifest is not null;
}

/// <summary>Reads <c>teal.yaml</c> strictly. Pure: nothing is opened, and no secret that the file refers to is read.</summary>
public static class ManifestReader
{
    /// <param name="text">The file's text; at most 256 KiB in UTF-8.</param>
    /// <param name="path">Its path, for the messages.</param>
    /// <param name="environment">Whose overrides apply; null for none, and then each environment is checked as well.</param>
    public static ManifestResult Read(string text, string path, string? environment)
    {
        var errors = new ManifestErrors(path);
        if (ManifestYaml.Read(text, YamlLimits.Manifest, errors) is not { } node)
        {
            return new ManifestResult(null, errors.InOrder(), []);
        }
        if (node is not YamlMap file)
        {
            errors.Add("TEAL2008", node.At, "the file wants keys, beginning with 'service' and 'run'");
            return new ManifestResult(null, errors.InOrder(), []);
        }
        var environments = EnvironmentsOf(file, errors);
        var plain = new YamlMap([.. file.Entries.Where(entry => entry.Key != ManifestShape.Environments)], file.At);
        var manifest = environment is null ? ReadAll(plain, environments, errors) : ReadOne(plain, file, environments, environment, errors);
        return new ManifestResult(errors.Any ? null : manifest, errors.InOrder(), [.. environments.Select(entry => entry.Key)]);
    }

    private static Manifest? ReadAll(YamlMap plain, List<YamlEntry> environments, ManifestErrors errors)
    {
        var manifest = Bind(plain, errors);
        foreach (var entry in environments)
        {
            Bind(plain.With((YamlMap)entry.Value), errors);
        }
        return manifest;
    }

    private static Manifest? ReadOne(YamlMap plain, YamlMap file, List<YamlEntry> environments, string environment, ManifestErrors errors)
    {
        if (environments.Find(entry => entry.Key == environment) is { } chosen)
        {
            return Bind(plain.With((YamlMap)chosen.Value), errors);
        }
        var names = environments.Select(entry => entry.Key).ToList();
        var known = names.Count == 0 ? "it has none" : $"it has {string.Join(", ", names)}";
        var at = file.Entries.FirstOrDefault(entry => entry.Key == ManifestShape.Environments)?.At ?? file.At;
        errors.Add(
            "TEAL2012",
            at,
            $"the file has no environment {Wording.Quote(environment)}; {known}",
            Wording.Nearest(environment, names)
        );
        return null;
    }

    private static Manifest? Bind(YamlMap map, ManifestErrors errors)
    {
        var binder = new ManifestBinder(errors);
        var manifest = binder.Bind(map);
        if (manifest is not null)
        {
            ManifestRules.Check(manifest, binder, errors);
        }
        return manifest;
    }

    private static List<YamlEntry> EnvironmentsOf(YamlMap file, ManifestErrors errors)
    {
        var node = file.Entries.FirstOrDefault(entry => entry.Key == ManifestShape.Environments)?.Value;
        if (node is null)
        {
            return [];
        }
        if (node is not YamlMap { Entries.Count: <= ManifestShape.MostEnvironments } map)
        {
            errors.Add(
                "TEAL2008",
                node.At,
                $"'environments' wants at most {ManifestShape.MostEnvironments} names, each with the keys that differ there"
            );
            return [];
        }
        return [.. map.Entries.Where(entry => IsGood(entry, errors))];
    }

    private static bool IsGood(YamlEntry entry, ManifestErrors errors)
    {
        if (!Names.IsEnvironment(entry.Key))
        {
            errors.Add("TEAL2009", entry.At, $"the environment {Wording.Quote(entry.Key)} is refused: wanted is {Names.EnvironmentWords}");
            return false;
        }
        if (entry.Value is not YamlMap)
        {
            errors.Add("TEAL2008", entry.Value.At, $"the environment '{entry.Key}' wants the keys that differ there");
            return false;
        }
        return true;
    }
}
