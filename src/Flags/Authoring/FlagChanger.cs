namespace Teal.Flags;

/// <summary>Makes the next set of flags out of a change, or says everything that stands against it.</summary>
public static class FlagChanger
{
    /// <param name="now">Kept as the time of the change.</param>
    /// <returns>The very same set when the change changes nothing.</returns>
    public static FlagOutcome Apply(FlagSet set, FlagChange change, DateTimeOffset now)
    {
        var (next, refusal) = Changed(set, change);
        if (next is null)
        {
            return new FlagOutcome(null, [refusal!]);
        }
        if (FlagJson.Same(next, set))
        {
            return new FlagOutcome(set, []);
        }
        var problems = FlagRules.Check(set, next);
        return problems.Count > 0 ? new FlagOutcome(null, problems) : new FlagOutcome(Counted(set, next, now), []);
    }

    private static (FlagSet? Next, FlagProblem? Refusal) Changed(FlagSet set, FlagChange change) =>
        change switch
        {
            FlagChange.OfSet { ExpectedVersion: { } expected } when expected != set.Version => Refused(
                Stale("", null, expected, set.Version)
            ),
            FlagChange.CreateFlag create => Created(set, create.Flag),
            FlagChange.OfFlag of when !set.Flags.ContainsKey(of.Flag) => Refused(Unknown(set, of.Flag)),
            FlagChange.OfFlag { ExpectedVersion: { } expected } of when set.Flags[of.Flag].Version != expected => Refused(
                Stale($"flags.{of.Flag}", of.Flag, expected, set.Flags[of.Flag].Version)
            ),
            FlagChange.OfTargeting of => Targeted(set, set.Flags[of.Flag], of),
            FlagChange.OfFlag of => Flagged(set, set.Flags[of.Flag], of),
            FlagChange.PutSegment put => Good(set with { Segments = With(set.Segments, put.Name, put.Segment) }),
            FlagChange.RemoveSegment remove => set.Segments.ContainsKey(remove.Name)
                ? Good(set with { Segments = Without(set.Segments, remove.Name) })
                : Refused(Missing($"segments.{remove.Name}", null, "segment", remove.Name, set.Segments.Keys)),
            FlagChange.PutHoldout put => Good(set with { Holdouts = With(set.Holdouts, put.Name, put.Holdout) }),
            FlagChange.RemoveHoldout remove => set.Holdouts.ContainsKey(remove.Name)
                ? Good(set with { Holdouts = Without(set.Holdouts, remove.Name) })
                : Refused(Missing($"holdouts.{remove.Name}", null, "holdout", remove.Name, set.Holdouts.Keys)),
            FlagChange.Promote promote => Promoted(set, promote),
            FlagChange.ReplaceAll replace => Good(Carried(set, replace.Set)),
            FlagChange.PatchSet patch => Good(Carried(set, patch.Patch.Apply(set))),
            _ => throw new InvalidOperationException($"No such change: {change.GetType().Name}."),
        };

    private static (FlagSet?, FlagProblem?) Created(FlagSet set, Flag flag)
    {
        if (set.Flags.ContainsKey(flag.Key))
        {
            return Refused(
                new FlagProblem(
                    "TEAL9232",
                    flag.Key,
                    $"flags.{Wording.Clean(flag.Key)}",
                    "there is a flag of this name already",
                    Kind: FlagProblemKind.Conflict
                )
            );
        }
        var places = new Dictionary<string, Targeting>(flag.Environments, StringComparer.Ordinal);
        var model = places.Values.FirstOrDefault();
        foreach (var environment in set.Environments.Where(environment => !places.ContainsKey(environment)))
        {
            var served = model?.Off ?? (flag.Variants.Count > 0 ? flag.Variants[^1].Name : "");
            places.Add(environment, new Targeting { Off = model?.Off, Otherwise = new Serve.One(served) });
        }
        return Good(Put(set, flag with { Environments = places, Version = 1 }));
    }

    private static (FlagSet?, FlagProblem?) Flagged(FlagSet set, Flag flag, FlagChange.OfFlag change) =>
        change switch
        {
            FlagChange.DescribeFlag told => Good(
                Put(
                    set,
                    flag with
                    {
                        Kind = told.Kind ?? flag.Kind,
                        Owner = told.Owner ?? flag.Owner,
                        Description = told.Description ?? flag.Description,
                        Expires = told.Expires ?? flag.Expires,
                        Tags = told.Tags ?? flag.Tags,
                    }
                )
            ),
            FlagChange.ArchiveFlag archive => Good(Put(set, flag with { IsArchived = archive.IsArchived })),
            FlagChange.RenameFlag rename when set.Flags.ContainsKey(rename.To) => Refused(
                new FlagProblem(
                    "TEAL9232",
                    rename.To,
                    $"flags.{rename.To}",
                    "there is a flag of this name already",
                    Kind: FlagProblemKind.Conflict
                )
            ),
            FlagChange.RenameFlag rename => Good(Renamed(set, flag, rename.To)),
            _ => throw new InvalidOperationException($"No such change: {change.GetType().Name}."),
        };

    private static FlagSet Renamed(FlagSet set, Flag flag, string to)
    {
        Flag Following(Flag other) =>
            other with
            {
                Requires = [.. other.Requires.Select(required => required.Flag == flag.Key ? required with { Flag = to } : required)],
                Cohort =
                    other.Cohort is { Owner: CohortOwner.Flag } cohort && cohort.Name == flag.Key
                        ? cohort with
                        {
                            Name = to,
                        }
                        : other.Cohort,
            };
        var others = set.Flags.Values.Where(other => other.Key != flag.Key).Select(Following);
        return set with
        {
            Flags = others
                .Append(Following(flag) with { Key = to, Version = flag.Version + 1 })
                .ToDictionary(next => next.Key, StringComparer.Ordinal),
        };
    }

    private static (FlagSet?, FlagProblem?) Targeted(FlagSet set, Flag flag, FlagChange.OfTargeting change)
    {
        var path = $"flags.{flag.Key}.environments.{change.Environment}";
        if (!flag.Environments.TryGetValue(change.Environment, out var targeting))
        {
            return Refused(Missing(path, flag.Key, "environment", change.Environment, set.Environments));
        }
        var (next, refusal) = TargetingChanges.Of(flag, targeting, change, path);
        return next is null
            ? Refused(refusal!)
            : Good(Put(set, flag with { Environments = With(flag.Environments, change.Environment, next) }));
    }

    private static (FlagSet?, FlagProblem?) Promoted(FlagSet set, FlagChange.Promote promote)
    {
        foreach (var name in (string[])[promote.From, promote.To])
        {
            if (!set.Environments.Contains(name, StringComparer.Ordinal))
            {
                return Refused(Missing("environments", null, "environment", name, set.Environments));
            }
        }
        if (promote.Flags?.FirstOrDefault(key => !set.Flags.ContainsKey(key)) is { } unknown)
        {
            return Refused(Unknown(set, unknown));
        }
        var flags = new Dictionary<string, Flag>(set.Flags, StringComparer.Ordinal);
        foreach (var key in promote.Flags ?? [.. set.Flags.Keys])
        {
            var (source, target) = (flags[key].Environments[promote.From], flags[key].Environments[promote.To]);
            var promoted = source with { Schedule = target.Schedule, Changed = target.Changed };
            flags[key] = flags[key] with { Environments = With(flags[key].Environments, promote.To, promoted) };
        }
        return Good(set with { Flags = flags });
    }

    /// <summary>A file knows no versions and no times: what it leaves as it was keeps its own.</summary>
    internal static FlagSet Carried(FlagSet set, FlagSet file) =>
        file with
        {
            Version = set.Version,
            Flags = file.Flags.ToDictionary(
                pair => pair.Key,
                pair => set.Flags.TryGetValue(pair.Key, out var old) ? Carried(old, pair.Value) : pair.Value,
                StringComparer.Ordinal
            ),
        };

    private static Flag Carried(Flag old, Flag flag) =>
        ReferenceEquals(old, flag)
            ? old
            : flag with
            {
                Version = old.Version,
                Changed = old.Changed,
                Created = flag.Created ?? old.Created,
                Environments = flag.Environments.ToDictionary(
                    pair => pair.Key,
                    pair => pair.Value with { Changed = old.Environments.GetValueOrDefault(pair.Key)?.Changed },
                    StringComparer.Ordinal
                ),
            };

    /// <summary>Every flag that the change touched counts one up and keeps the time.</summary>
    private static FlagSet Counted(FlagSet set, FlagSet next, DateTimeOffset now) =>
        next with
        {
            Version = set.Version + 1,
            Flags = next.Flags.ToDictionary(
                pair => pair.Key,
                pair => Counted(set.Flags.GetValueOrDefault(pair.Key), pair.Value, now),
                StringComparer.Ordinal
            ),
        };

    private static Flag Counted(Flag? old, Flag flag, DateTimeOffset now)
    {
        // The old one, so that whoever made something of it sees that nothing changed.
        if (old is not null && FlagJson.Same(old, flag))
        {
            return old;
        }
        return flag with
        {
            Version = old is null ? flag.Version : old.Version + 1,
            Changed = now,
            Created = flag.Created ?? DateOnly.FromDateTime(now.UtcDateTime),
            Environments = flag.Environments.ToDictionary(
                pair => pair.Key,
                pair =>
                    old?.Environments.GetValueOrDefault(pair.Key) is { } before && FlagJson.Same(before, pair.Value)
                        ? pair.Value
                        : pair.Value with
                        {
                            Changed = now,
                        },
                StringComparer.Ordinal
            ),
        };
    }

    private static FlagSet Put(FlagSet set, Flag flag) => set with { Flags = With(set.Flags, flag.Key, flag) };

    private static Dictionary<string, T> With<T>(IReadOnlyDictionary<string, T> map, string key, T value) =>
        new(map, StringComparer.Ordinal) { [key] = value };

    private static Dictionary<string, T> Without<T>(IReadOnlyDictionary<string, T> map, string key)
    {
        var rest = new Dictionary<string, T>(map, StringComparer.Ordinal);
        rest.Remove(key);
        return rest;
    }

    private static FlagProblem Unknown(FlagSet set, string flag) => Missing($"flags.{flag}", flag, "flag", flag, set.Flags.Keys);

    private static FlagProblem Missing(string path, string? flag, string what, string name, IEnumerable<string> names) =>
        new(
            "TEAL9231",
            flag,
            Wording.Clean(path),
            $"there is no {what} {Wording.Quote(name)}",
            Wording.Nearest(name, names),
            FlagProblemKind.Unknown
        );

    private static FlagProblem Stale(string path, string? flag, long expected, long present) =>
        new(
            "TEAL9230",
            flag,
            path,
            $"version {expected} was looked at, and version {present} is the present one: somebody changed it; look again",
            Kind: FlagProblemKind.Conflict
        );

    private static (FlagSet?, FlagProblem?) Good(FlagSet set) => (set, null);

    private static (FlagSet?, FlagProblem?) Refused(FlagProblem problem) => (null, problem);
}
