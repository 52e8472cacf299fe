using System.CommandLine;
using System.CommandLine.Parsing;
using Teal.Releases;

namespace Teal.Cli;

public enum OutputFormat
{
    Text,
    Json,
    Ndjson,
}

/// <summary>What the global options and their variables say; an option wins over its variable.</summary>
/// <param name="ConfigPath">Full path of <c>teal.yaml</c>, whether or not it exists.</param>
/// <param name="Timeout">Null: the verb's own.</param>
public sealed record Settings(
    string ConfigPath,
    bool IsConfigGiven,
    string? Environment,
    string? Server,
    OutputFormat Format,
    bool IsQuiet,
    bool IsVerbose,
    bool NoInput,
    bool NoColor,
    TimeSpan? Timeout,
    bool Yes,
    string? Reason,
    bool Detach
);

/// <summary>The options that every verb takes, and how each is read from the command line or its <c>TEAL_…</c> variable.</summary>
internal sealed class GlobalOptions
{
    private const int LongestReason = 500;
    private static readonly TimeSpan LongestLength = TimeSpan.FromDays(3650);

    private readonly Option<string> _config = Text("--config", "FILE", "The manifest (default ./teal.yaml)  [TEAL_CONFIG]", "-C");
    private readonly Option<string> _environment = Text("--env", "NAME", "Its environment  [TEAL_ENV]", "-e");
    private readonly Option<string> _server = Text("--server", "ADDRESS", "unix:/path or http://host:port  [TEAL_SERVER]");
    private readonly Option<string> _output = Text("--output", "FORMAT", "text, json or ndjson  [TEAL_OUTPUT]", "-o");
    private readonly Option<bool> _quiet = Switch("--quiet", "Only results and errors  [TEAL_QUIET]", "-q");
    private readonly Option<bool> _verbose = Switch("--verbose", "More detail; traces of internal errors  [TEAL_VERBOSE]", "-v");
    private readonly Option<bool> _noInput = Switch("--no-input", "Never ask  [TEAL_NO_INPUT]");
    private readonly Option<bool> _noColor = Switch("--no-color", "No colour  [TEAL_NO_COLOR, NO_COLOR]");
    private readonly Option<string> _timeout = Text("--timeout", "TIME", "Longest wait, as 90s or 1h  [TEAL_TIMEOUT]");
    private readonly Option<bool> _yes = Switch("--yes", "Answer yes to every question  [TEAL_YES]", "-y");
    private readonly Option<string> _reason = Text("--reason", "TEXT", "Kept in the audit trail  [TEAL_REASON]");
    private readonly Option<bool> _detach = Switch("--detach", "Do not wait for the end of a release  [TEAL_DETACH]", "-d");

    public GlobalOptions() => _output.CompletionSources.Add("text", "json", "ndjson");

    public IEnumerable<Option> All =>
        [_config, _environment, _server, _output, _quiet, _verbose, _noInput, _noColor, _timeout, _yes, _reason, _detach];

    /// <exception cref="CliException">A value is wrong.</exception>
    public Settings Read(ParseResult parsed, Surroundings around)
    {
        var config = Value(parsed, _config, around);
        return new Settings(
            Path.GetFullPath(config ?? "teal.yaml", around.Directory),
            config is not null,
            Value(parsed, _environment, around),
            Value(parsed, _server, around),
            Format(Value(parsed, _output, around)),
            IsOn(parsed, _quiet, around),
            IsOn(parsed, _verbose, around),
            IsOn(parsed, _noInput, around),
            IsOn(parsed, _noColor, around) || around.Variable("NO_COLOR") is { Length: > 0 },
            Timeout(Value(parsed, _timeout, around)),
            IsOn(parsed, _yes, around),
            Reason(Value(parsed, _reason, around)),
            IsOn(parsed, _detach, around)
        );
    }

    /// <summary>The format alone, for telling of a failure in it; text when even that is wrong.</summary>
    public OutputFormat FormatOrText(ParseResult parsed, Surroundings around) =>
        Value(parsed, _output, around) switch
        {
            "json" => OutputFormat.Json,
            "ndjson" => OutputFormat.Ndjson,
            _ => OutputFormat.Text,
        };

    public bool IsVerbose(ParseResult parsed) => parsed.GetResult(_verbose) is { Implicit: false };

    private static string? Value(ParseResult parsed, Option<string> option, Surroundings around)
    {
        if (parsed.GetResult(option) is OptionResult { Tokens: [.., var token] })
        {
            return token.Value.Length > 0 ? token.Value : throw Wrong(option.Name, "", "it is empty");
        }
        return around.Variable(VariableOf(option)) is { Length: > 0 } value ? value : null;
    }

    private static bool IsOn(ParseResult parsed, Option<bool> option, Surroundings around)
    {
        if (parsed.GetResult(option) is { Implicit: false })
        {
            return parsed.GetValue(option);
        }
        return around.Variable(VariableOf(option)) switch
        {
            null or "" or "0" or "false" or "no" => false,
            "1" or "true" or "yes" => true,
            var other => throw Wrong(VariableOf(option), other, "write 1 or 0"),
        };
    }

    private static OutputFormat Format(string? text) =>
        text switch
        {
            null or "text" => OutputFormat.Text,
            "json" => OutputFormat.Json,
            "ndjson" => OutputFormat.Ndjson,
            _ => throw Wrong("--output", text, "write text, json or ndjson"),
        };

    private static TimeSpan? Timeout(string? text) =>
        text is null ? null : Length(text) ?? throw Wrong("--timeout", text, "write a duration with its unit, as 90s, 10m or 1h");

    /// <summary>A length of time as in teal.yaml, above zero and at most ten years; null when it is none.</summary>
    public static TimeSpan? Length(string text) =>
        Duration.TryParse(text, out var length) && length > TimeSpan.Zero && length <= LongestLength ? length : null;

    private static string? Reason(string? text) =>
        text is { Length: > LongestReason } ? throw Wrong("--reason", text[..20] + "…", $"at most {LongestReason} characters") : text;

    private static string VariableOf(Option option) =>
        option.Name == "--env" ? "TEAL_ENV" : "TEAL_" + option.Name[2..].Replace('-', '_').ToUpperInvariant();

    public static CliException Wrong(string name, string value, string why) =>
        CliException.Usage("TEAL7003", $"{name} \"{value}\" is not valid: {why}.", null, "teal --help");

    private static Option<string> Text(string name, string value, string sentence, params string[] aliases) =>
        new(name, aliases)
        {
            HelpName = value,
            Description = sentence,
            Recursive = true,
        };

    private static Option<bool> Switch(string name, string sentence, params string[] aliases) =>
        new(name, aliases) { Description = sentence, Recursive = true };
}
