using System.Text.Json;

namespace Teal.Server.Flags;

/// <param name="Word">As flagd says it: write, update, delete.</param>
public sealed record FlagTouched(string Key, string Word);

/// <summary>
/// Which flags a change touched, for clients that keep values by flag. Rather one too many than one too few: they ask again, and are told the
/// same. A thousand listeners go the same step at the same time: it is worked out once.
/// </summary>
public sealed class FlagChanges
{
    private volatile Step? _last;

    public IReadOnlyList<FlagTouched> Between(FlagSnapshot before, FlagSnapshot now)
    {
        var last = _last;
        if (last is null || !ReferenceEquals(last.Before, before) || !ReferenceEquals(last.Now, now))
        {
            _last = last = new Step(before, now, WorkOut(before, now));
        }
        return last.Touched;
    }

    private static List<FlagTouched> WorkOut(FlagSnapshot before, FlagSnapshot now)
    {
        using var old = JsonDocument.Parse(before.ClientJson);
        using var young = JsonDocument.Parse(now.ClientJson);
        var (olds, youngs) = (FlagsOf(old), FlagsOf(young));
        // Shared rules may be part of any flag's.
        var isAll = !Same(Member(old.RootElement, "$evaluators"), Member(young.RootElement, "$evaluators"));
        var touched = youngs
            .Where(flag => isAll || IsHidden(flag.Value) || !olds.TryGetValue(flag.Key, out var was) || !Same(was, flag.Value))
            .Select(flag => new FlagTouched(flag.Key, olds.ContainsKey(flag.Key) ? "update" : "write"));
        return [.. touched, .. olds.Keys.Except(youngs.Keys, StringComparer.Ordinal).Select(key => new FlagTouched(key, "delete"))];
    }

    /// <summary>What only the server may know may have changed in it, unseen in the document that clients are sent.</summary>
    private static bool IsHidden(JsonElement flag) => Member(Member(flag, "metadata"), "remote") is { ValueKind: JsonValueKind.True };

    private static Dictionary<string, JsonElement> FlagsOf(JsonDocument document) =>
        Member(document.RootElement, "flags") is { ValueKind: JsonValueKind.Object } flags
            ? flags.EnumerateObject().ToDictionary(flag => flag.Name, flag => flag.Value, StringComparer.Ordinal)
            : [];

    private static bool Same(JsonElement? one, JsonElement? other) =>
        one is { } left && other is { } right ? JsonElement.DeepEquals(left, right) : one is null && other is null;

    private static JsonElement? Member(JsonElement? of, string name) =>
        of is { ValueKind: JsonValueKind.Object } whole && whole.TryGetProperty(name, out var member) ? member : null;

    private sealed record Step(FlagSnapshot Before, FlagSnapshot Now, IReadOnlyList<FlagTouched> Touched);
}
