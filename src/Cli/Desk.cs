using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Teal.Cli.Asking;
using Teal.Cli.Following;
using Teal.Cli.Showing;
using Teal.Releases;
using Teal.Wire;

namespace Teal.Cli;

/// <summary>What a verb works with: the settings of this call, the screen, the server, the manifest.</summary>
public sealed class Desk(Settings settings, Surroundings around, Screen screen) : IDisposable
{
    private const int LargestManifestBytes = 1 << 20;
    private const int LargestTokenBytes = 4096;

    /// <summary>For one question to the server.</summary>
    public static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    /// <summary>For the end of a release, which may hold its stages for hours.</summary>
    public static readonly TimeSpan ReleaseTimeout = TimeSpan.FromHours(24);

    private Api? _api;

    public Settings Settings { get; } = settings;
    public Surroundings Around { get; } = around;
    public Screen Screen { get; } = screen;

    public Api Api => _api ??= new Api(Address, Token(), Shorter(Settings.Timeout, RequestTimeout));

    public ServerAddress Address => ServerAddress.Find(Settings.Server, Around.Variable("TEAL_HOME"), Around.Directory);

    /// <summary>The server's state folder, when the server runs on this machine.</summary>
    public string Home => Path.GetFullPath(Around.Variable("TEAL_HOME") is { Length: > 0 } home ? home : ".teal", Around.Directory);

    public TimeSpan FollowTimeout => Settings.Timeout ?? ReleaseTimeout;

    public bool IsText => Settings.Format == OutputFormat.Text;

    public CommandRequest Command(bool force = false, string? version = null) => new(Settings.Reason, force, version);

    public void Dispose() => _api?.Dispose();

    /// <summary>A result: the whole object for programs, lines for people.</summary>
    public void Show<T>(T view, JsonTypeInfo<T> type, Func<T, IEnumerable<InkedLine>> text)
    {
        switch (Settings.Format)
        {
            case OutputFormat.Json:
                Screen.Raw(JsonText.Indented(view, type));
                break;
            case OutputFormat.Ndjson:
                Screen.Raw(JsonSerializer.Serialize(view, type));
                break;
            default:
                Screen.Lines(text(view));
                break;
        }
    }

    /// <summary>A word on the way, for people who did not ask for quiet.</summary>
    public void Note(InkedLine line)
    {
        if (IsText && !Settings.IsQuiet)
        {
            Screen.Line(line);
        }
    }

    /// <summary>The view that fits the reader of the output.</summary>
    /// <param name="known">What of the release was there before the command: lines are not told again.</param>
    internal IReleaseProgress Progress(ReleaseView? known = null) =>
        Settings switch
        {
            { Format: OutputFormat.Ndjson } => new NdjsonProgress(Screen),
            { Format: OutputFormat.Json } or { IsQuiet: true } => new SilentProgress(),
            _ when Screen.Kind.IsTerminal => new LiveProgress(Screen, Around.Time),
            _ => new PlainProgress(Screen, known),
        };

    /// <summary>The manifest, read and checked.</summary>
    /// <exception cref="CliException">It is missing or wrong; nothing was sent.</exception>
    public (Manifest Manifest, string Text) ReadManifest()
    {
        var text = ManifestText();
        var reading = Around.Seams.ReadManifest(text, Shown(Settings.ConfigPath), Settings.Environment);
        return reading is { Manifest: { } manifest, Errors.Count: 0 }
            ? (manifest, text)
            : throw new CliException(ExitCode.Usage, "TEAL7012", $"{Shown(Settings.ConfigPath)} is not valid; nothing was sent.")
            {
                Places = reading.Errors,
                Next = ["teal config validate", "teal config schema"],
            };
    }

    /// <summary>The service that a verb is about: --service, else the manifest's.</summary>
    /// <exception cref="CliException">Neither says one.</exception>
    public string Service(string? said) =>
        ServiceOrNull(said)
        ?? throw CliException.Usage(
            "TEAL7010",
            "Which service?",
            $"There is no {Shown(Settings.ConfigPath)}, and --service was not given.",
            "teal status",
            "teal status --service NAME"
        );

    public string? ServiceOrNull(string? said)
    {
        if (said is not null)
        {
            return Names.IsService(said) ? said : throw GlobalOptions.Wrong("--service", said, Names.ServiceWords);
        }
        if (!Settings.IsConfigGiven && !File.Exists(Settings.ConfigPath))
        {
            return null;
        }
        // Reading one line is enough, and much quicker than reading the whole manifest, whose faults do not matter here.
        return ServiceLine.In(ManifestText()) ?? ReadManifest().Manifest.Service;
    }

    /// <summary>A path as the person would write it: relative when it lies below the working directory.</summary>
    public string Shown(string path)
    {
        var relative = Path.GetRelativePath(Around.Directory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }

    /// <summary>Asks a person; without one the answer is a failure that says how to answer beforehand.</summary>
    public bool Confirm(string question)
    {
        if (Settings.Yes)
        {
            return true;
        }
        if (Settings.NoInput || Around.Input is null || !IsText)
        {
            throw new CliException(
                ExitCode.NeedsPerson,
                "TEAL7018",
                question,
                "This asks a person, and there is none to ask (no terminal, or --no-input)."
            )
            {
                Next = ["the same command with --yes"],
            };
        }
        Screen.Line(new InkedLine($"{question} [y/N]", Ink.Strong));
        return Around.Input.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }

    private string ManifestText()
    {
        var path = Settings.ConfigPath;
        try
        {
            return new FileInfo(path) is { Length: > LargestManifestBytes }
                ? throw CliException.Usage("TEAL7011", $"{Shown(path)} is larger than 1 MiB: that is no manifest.")
                : File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CliException.Usage("TEAL7011", $"{Shown(path)} cannot be read.", e.Message, "teal init");
        }
    }

    // Over the socket the file's mode says who may; a token goes to TCP only.
    private string? Token()
    {
        if (Address.Url is null)
        {
            return null;
        }
        if (Around.Variable("TEAL_TOKEN") is { Length: > 0 } token)
        {
            return Usable(token.Trim(), "TEAL_TOKEN");
        }
        return Around.Variable("TEAL_TOKEN_FILE") is { Length: > 0 } file
            ? Usable(TokenIn(Path.GetFullPath(file, Around.Directory)), file)
            : null;
    }

    private static string Usable(string token, string from) =>
        token.Length is > 0 and <= LargestTokenBytes && token.All(character => character is > ' ' and < '\x7f')
            ? token
            : throw CliException.Usage(
                "TEAL7021",
                $"What {from} holds is no token.",
                "A token is one line of printable characters.",
                "teal token create --role operator"
            );

    private static string TokenIn(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CliException.Usage("TEAL7021", $"The token file {file} cannot be read.", e.Message, "teal token create --role operator");
        }
    }

    private static TimeSpan Shorter(TimeSpan? first, TimeSpan second) => first is { } length && length < second ? length : second;
}
