using System.Text.Json.Serialization;

namespace Teal.Flags;

[JsonConverter(typeof(JsonStringEnumConverter<FlagProblemKind>))]
public enum FlagProblemKind
{
    /// <summary>What was asked for makes no valid set of flags.</summary>
    [JsonStringEnumMemberName("invalid")]
    Invalid,

    /// <summary>The flag was changed by somebody else in the meantime.</summary>
    [JsonStringEnumMemberName("conflict")]
    Conflict,

    /// <summary>What the command is about does not exist.</summary>
    [JsonStringEnumMemberName("unknown")]
    Unknown,
}

/// <summary>One thing that is wrong with a set of flags, or with a change to it. A set is taken whole or not at all.</summary>
/// <param name="Code">Stable, with a page in <c>docs/errors.md</c>.</param>
/// <param name="Flag">Null when it is not about one flag.</param>
/// <param name="Path">Where in the set: <c>flags.checkout.environments.production.rules[1].if</c>.</param>
/// <param name="Suggestion">What was probably meant; null when nothing comes to mind.</param>
public sealed record FlagProblem(
    string Code,
    string? Flag,
    string Path,
    string Message,
    string? Suggestion = null,
    FlagProblemKind Kind = FlagProblemKind.Invalid
)
{
    public override string ToString() =>
        (Path.Length == 0 ? Message : $"{Path}: {Message}") + (Suggestion is null ? "" : $" (did you mean '{Suggestion}'?)");
}
