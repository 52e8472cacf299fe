using Teal.Flags;

namespace Teal.Releases;

/// <summary>What no single key can say: keys that have to fit each other.</summary>
internal static class ManifestRules
{
    public static void Check(Manifest manifest, ManifestBinder places, ManifestErrors errors)
    {
        void Add(string key, string message, string? suggestion = null) => errors.Add("TEAL2011", places.PlaceOf(key), message, suggestion);

        CheckProgram("run.command", manifest.Run.Command, Add);
        CheckProgram("release.smoke", manifest.Release.Smoke, Add);
        CheckRoutes(manifest.Routes, Add);
        CheckSteps(manifest.Release, Add);
        CheckFlags(manifest.Flags?.Evaluate ?? [], Add);
        if (!errors.Any)
        {
            // What was refused is not there, and is not missing for that.
            CheckFlagsSection(manifest, Add);
        }
    }

    private static void CheckProgram(string key, IReadOnlyList<string> program, Action<string, string, string?> add)
    {
        if (program is [var first, ..] && (first.Trim().Length == 0 || ManifestForm.Climbs(first)))
        {
            add($"{key}[0]", $"the program of '{key}' is empty or climbs out of the folder with '..'", null);
        }
    }

    private static void CheckRoutes(IReadOnlyList<RouteSection> routes, Action<string, string, string?> add)
    {
        var known = new HashSet<RouteSection>();
        for (var i = 0; i < routes.Count; i++)
        {
            if (!known.Add(routes[i] with { Path = routes[i].Path.TrimEnd('/') }))
            {
                add($"routes[{i}]", $"the route {routes[i].Host}{routes[i].Path} stands here a second time", null);
            }
        }
    }

    private static void CheckSteps(ReleaseSection release, Action<string, string, string?> add)
    {
        var steps = release.Steps;
        for (var i = 1; i < steps.Count; i++)
        {
            if (steps[i].Share <= steps[i - 1].Share)
            {
                add($"release.steps[{i}].share", $"shares rise from step to step, and {steps[i].Share} follows {steps[i - 1].Share}", null);
            }
        }
        if (steps.Count > 0 && steps[^1].Share != Share.All)
        {
            add(
                $"release.steps[{steps.Count - 1}]",
                $"the last step has a share of {steps[^1].Share}; without 100% the release never ends",
                "{ share: 100% }"
            );
        }
        if (steps.Count > 0 && steps[0].Share == Share.None && release.Target.Count == 0)
        {
            add("release.steps[0].share", "a step of 0% needs a 'target': nobody would see the new version", null);
        }
    }

    private static void CheckFlagsSection(Manifest manifest, Action<string, string, string?> add)
    {
        var asksSegment = FlagTies.SegmentsOf(manifest.Release).Any();
        if (manifest.Flags is not { Evaluate.Count: 0 } flags)
        {
            return;
        }
        if (flags.Sign)
        {
            add("flags.sign", "there is nothing to sign: 'flags' lacks the key 'evaluate'", null);
        }
        else if (!asksSegment && manifest.Release.Cohort.With is null)
        {
            add("flags", "'flags' lacks the key 'evaluate': no flag is asked for, and no segment in release.target", null);
        }
    }

    private static void CheckFlags(IReadOnlyList<string> keys, Action<string, string, string?> add)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < keys.Count; i++)
        {
            if (!known.Add(keys[i]))
            {
                add($"flags.evaluate[{i}]", $"the flag {keys[i]} stands here a second time", null);
            }
        }
    }
}
