using System.CommandLine;
using System.Text.Json;
using Teal.Cli.Showing;
using Teal.Flags;
using Teal.Releases;
using Teal.Wire;

namespace Teal.Cli.Verbs;

/// <summary>Flags from files and into files.</summary>
internal static class FlagFileVerbs
{
    private const long LargestBytes = 32 << 20;

    private const string ImportExamples = """
          teal flag import flags.flagd.json -e staging     serve a flagd document as it is
          teal flag import --leave -e staging              serve the flags of this server again
          teal flag import flags.yaml                      the whole set, as `teal flag export` writes it; all of it or nothing
          teal flag import flags.yaml --dry-run            what would be different
          teal flag import flags.yaml --expect 12          only when the set is still at version 12, which `teal flag list` shows
        """;

    private const string ExportExamples = """
          teal flag export > flags.yaml                    the whole set, to be read by `teal flag import`
          teal flag export -o json > flags.json            the same for programs
          teal flag export --flagd -e staging > flags.flagd.json
        """;

    public static Command Import(VerbRunner verbs)
    {
        var file = new Argument<string?>("FILE") { Arity = ArgumentArity.ZeroOrOne, Description = "A set of flags, or a flagd document" };
        var leave = new Option<bool>("--leave") { Description = "Serve the written flags again instead of a document" };
        var dry = new Option<bool>("--dry-run") { Description = "Say what would change, and change nothing" };
        var expect = new Option<long?>("--expect")
        {
            HelpName = "VERSION",
            Description = "Refuse when the set is not at this version any more",
        };
        return verbs.Verb(
            "import",
            "Take flags from a file, whole or not at all",
            ImportExamples,
            [file, leave, dry, expect],
            (desk, parsed, stop) =>
                (parsed.GetValue(file), parsed.GetValue(leave)) switch
                {
                    ({ } path, false) => ImportAsync(desk, path, parsed.GetValue(dry), parsed.GetValue(expect), stop),
                    (null, true) => LeaveAsync(desk, stop),
                    _ => throw CliException.Usage("TEAL7002", "A file, or --leave?", null, "teal flag import --help"),
                }
        );
    }

    public static Command Export(VerbRunner verbs)
    {
        var flagd = new Option<bool>("--flagd") { Description = "The compiled flagd document of one environment" };
        return verbs.Verb(
            "export",
            "Write the flags to standard output",
            ExportExamples,
            [flagd],
            async (desk, parsed, stop) =>
            {
                if (parsed.GetValue(flagd))
                {
                    var environment = Asking.Api.Segment((await FlagVerbs.FlagsAsync(desk, stop)).Environment);
                    var path = $"api/v1/flags/documents/{environment}";
                    desk.Screen.Raw(
                        JsonText.Indented(await desk.Api.GetAsync(path, CliJson.Default.JsonElement, stop), CliJson.Default.JsonElement)
                    );
                    return ExitCode.Done;
                }
                var set = await desk.Api.GetAsync("api/v1/flags/set", FlagJson.Default.FlagSet, stop);
                desk.Screen.Raw(desk.IsText ? FlagsWriter.Yaml(set).TrimEnd('\n') : JsonText.Indented(set, FlagJson.Default.FlagSet));
                return ExitCode.Done;
            }
        );
    }

    /// <exception cref="CliException">It is not JSON.</exception>
    public static JsonElement Json(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw CliException.Usage("TEAL9121", "The context is not JSON.", e.Message, "teal flag eval --help");
        }
    }

    private static async Task<ExitCode> ImportAsync(Desk desk, string path, bool isDry, long? expected, CancellationToken stop)
    {
        var text = TextOf(desk, path);
        if (Path.GetExtension(path) is ".yaml" or ".yml")
        {
            return await ReplaceAsync(desk, FromYaml(desk, path, text), isDry, expected, stop);
        }
        return IsFlagd(text)
            ? await TakeAsync(desk, path, text, isDry, stop)
            : await ReplaceAsync(desk, FromJson(desk, path, text), isDry, expected, stop);
    }

    private static async Task<ExitCode> TakeAsync(Desk desk, string path, string text, bool isDry, CancellationToken stop)
    {
        // Read here too: a mistake in the file is told with its line before anything is sent.
        if (!FlagDocument.TryRead(System.Text.Encoding.UTF8.GetBytes(text), DocumentLimits.Usual, out var document, out var fault))
        {
            throw new CliException(ExitCode.Usage, fault.Code, $"{desk.Shown(path)} was not taken.")
            {
                Places = [$"{desk.Shown(path)}:{fault.Line}:{fault.Column} {fault.Path}: {fault.Message}"],
                Next = ["teal flag import --help"],
            };
        }
        if (isDry)
        {
            desk.Screen.Line(
                new InkedLine($"{desk.Shown(path)} is a flagd document of {document.Flags.Count} flags. Nothing was changed.")
            );
            return ExitCode.Done;
        }
        var environment = (await FlagVerbs.FlagsAsync(desk, stop)).Environment;
        var answer = await desk.Api.SendAsync(
            HttpMethod.Put,
            $"api/v1/flags/documents/{Asking.Api.Segment(environment)}",
            new FlagDocumentRequest(Json(text), desk.Shown(path), desk.Settings.Reason),
            WireJson.Default.FlagDocumentRequest,
            WireJson.Default.FlagsChangedView,
            stop
        );
        desk.Show(
            answer,
            WireJson.Default.FlagsChangedView,
            _ => [new InkedLine($"{environment} is served from {desk.Shown(path)}: {document.Flags.Count} flags.")]
        );
        return ExitCode.Done;
    }

    private static Task<ExitCode> ReplaceAsync(Desk desk, FlagSet set, bool isDry, long? expected, CancellationToken stop) =>
        FlagVerbs.ChangeAsync(desk, [new FlagChange.ReplaceAll(set, expected)], isDry, stop);

    private static FlagSet FromYaml(Desk desk, string path, string text)
    {
        var reading = FlagsReader.Read(text, desk.Shown(Path.GetFullPath(path, desk.Around.Directory)));
        return reading.Set
            ?? throw new CliException(ExitCode.Usage, "TEAL9507", $"{desk.Shown(path)} is not valid; nothing was sent.")
            {
                Places = [.. reading.Errors.Select(error => error.ToString())],
                Next = ["teal flag export"],
            };
    }

    private static FlagSet FromJson(Desk desk, string path, string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, FlagJson.Default.FlagSet) ?? throw new JsonException("The file holds null.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw CliException.Usage(
                "TEAL9507",
                $"{desk.Shown(path)} is no set of flags; nothing was sent.",
                e.Message,
                "teal flag export"
            );
        }
    }

    private static async Task<ExitCode> LeaveAsync(Desk desk, CancellationToken stop)
    {
        var environment = (await FlagVerbs.FlagsAsync(desk, stop)).Environment;
        await desk.Api.DeleteAsync($"api/v1/flags/documents/{Asking.Api.Segment(environment)}", stop);
        desk.Show(
            new DoneView(1, $"{environment} is served from the flags of this server again.", null, ["teal flag list"]),
            CliJson.Default.DoneView,
            view => [new InkedLine(view.Done)]
        );
        return ExitCode.Done;
    }

    /// <summary>A set of flags names its environments; a flagd document cannot.</summary>
    private static bool IsFlagd(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("environments", out _);
        }
        catch (JsonException)
        {
            // The reader of documents says where it is wrong.
            return true;
        }
    }

    private static string TextOf(Desk desk, string path)
    {
        var full = Path.GetFullPath(path, desk.Around.Directory);
        try
        {
            return new FileInfo(full).Length > LargestBytes
                ? throw CliException.Usage("TEAL9507", $"{desk.Shown(full)} is larger than 32 MiB.")
                : File.ReadAllText(full);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CliException.Usage(
                "TEAL9507",
                $"{desk.Shown(full)} cannot be read; nothing was sent.",
                e.Message,
                "teal flag import --help"
            );
        }
    }
}
