namespace Teal.Server.Flags.Files;

/// <summary>How a file stands. One immutable value, read by whoever shows it.</summary>
/// <param name="At">Since when.</param>
/// <param name="Hash">SHA-256 of the content that was looked at, in hex; null when there was none.</param>
/// <param name="Errors">Each with file, line and column; empty when what serves is what the file says.</param>
public sealed record FlagSourceState(DateTimeOffset At, string? Hash, IReadOnlyList<string> Errors);

/// <summary>One file that flags come from.</summary>
/// <param name="Environment">That a flagd document serves; null: the file is the whole set.</param>
/// <param name="Path">Absolute.</param>
/// <param name="Name">For people and the audit trail: the path as it was given.</param>
public sealed record FlagSource(string? Environment, string Path, string Name)
{
    /// <summary>Null until it was looked at the first time.</summary>
    public FlagSourceState? State
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    }

    public bool IsWrong => State is { Errors.Count: > 0 };
}
