using Teal.Flags;

namespace Teal.Server.Flags.Files;

/// <summary>The files that flags come from, and what may not be done by hand for that.</summary>
public sealed class FlagSources
{
    public FlagSources(FlagFileOptions? options)
    {
        // The set first: it says which environments there are.
        All =
        [
            .. options?.Set is { } set ? new[] { Of(null, set) } : [],
            .. (options?.Documents ?? new Dictionary<string, string>())
                .OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => Of(pair.Key, pair.Value)),
        ];
    }

    public IReadOnlyList<FlagSource> All { get; }

    /// <summary>Sentences for a person: every file that is not what serves.</summary>
    public IReadOnlyList<string> Warnings =>
        [
            .. All.Where(source => source.IsWrong)
                .Select(source => $"{source.Name} was not taken, the last good flags serve on: {source.State!.Errors[0]}"),
        ];

    /// <summary>The file that the environment's document comes from; null when it may be changed by hand.</summary>
    public FlagSource? OfDocument(string environment) => All.FirstOrDefault(source => source.Environment == environment);

    /// <summary>
    /// The file that stands against changes by hand. Switching off is never refused; switching on is not where the file has it on.
    /// </summary>
    public FlagSource? Against(FlagBook book, IReadOnlyList<FlagChange> changes) =>
        All.FirstOrDefault(source => source.Environment is null) is { } set && !changes.All(change => MayBeByHand(book, change))
            ? set
            : null;

    private static bool MayBeByHand(FlagBook book, FlagChange change) =>
        change is FlagChange.EnableFlag switched
        && (!switched.IsEnabled || book.File is null || book.File.SaysEnabled(book.Set, switched.Environment, switched.Flag));

    private static FlagSource Of(string? environment, string path) => new(environment, Path.GetFullPath(path), path);
}
