using Teal.Wire;

namespace Teal.Cli;

/// <summary>An ending that the person has to read: what, why, the evidence and the next command, under a stable code.</summary>
public sealed class CliException(ExitCode exit, string code, string what, string? why = null) : Exception(what)
{
    public ExitCode Exit { get; } = exit;
    public string Code { get; } = code;
    public string What { get; } = what;
    public string? Why { get; } = why;

    /// <summary>Each wrong place on its own line, <c>teal.yaml:3:5: …</c>.</summary>
    public IReadOnlyList<string> Places { get; init; } = [];

    /// <summary>Commands that help now.</summary>
    public IReadOnlyList<string> Next { get; init; } = [];

    public static CliException Usage(string code, string what, string? why = null, params IReadOnlyList<string> next) =>
        new(ExitCode.Usage, code, what, why) { Next = next };
}
