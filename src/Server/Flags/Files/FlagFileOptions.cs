namespace Teal.Server.Flags.Files;

/// <summary>Where flags come from, when they are not kept by hand.</summary>
/// <param name="Set">A <c>flags.yaml</c>, the whole set; null: it is kept by hand.</param>
/// <param name="Documents">flagd documents by the environment that they serve.</param>
public sealed record FlagFileOptions(string? Set, IReadOnlyDictionary<string, string> Documents)
{
    /// <summary>A folder is looked through this often, whatever the system tells of it.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A file is taken when it stayed the same for so long.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromMilliseconds(200);
}
