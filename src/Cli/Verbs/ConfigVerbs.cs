using System.CommandLine;
using Teal.Cli.Showing;
using Teal.Releases;
using Teal.Wire;

namespace Teal.Cli.Verbs;

/// <summary><c>teal config</c>: the manifest, checked, shown whole, described.</summary>
internal static class ConfigVerbs
{
    private const string Examples = """
          teal config validate -e staging      every fault at its line and column, exit code 2
          teal config show -e staging          with every default written out
          teal config schema > teal.schema.json
          teal config schema --flags > flags.schema.json
        """;

    private static readonly Option<bool> OfFlags = new("--flags") { Description = "Of flags.yaml instead" };

    public static Command In(VerbRunner verbs) =>
        VerbRunner.Noun(
            "config",
            "The manifest: check it, show it, its schema",
            verbs.Verb("validate", "Check the manifest; sends nothing", Examples, [], Validate),
            verbs.Verb("show", "The manifest with every default", Examples, [], Show),
            verbs.Verb("schema", "The JSON Schema of teal.yaml or flags.yaml", Examples, [OfFlags], Schema)
        );

    private static Task<ExitCode> Validate(Desk desk, ParseResult parsed, CancellationToken stop)
    {
        var (manifest, _) = desk.ReadManifest();
        var path = desk.Shown(desk.Settings.ConfigPath);
        var done = new DoneView(1, $"{path} is valid: service {manifest.Service}.", path, ["teal plan", "teal deploy"]);
        desk.Show(done, CliJson.Default.DoneView, view => [new InkedLine(view.Done, Ink.Good)]);
        return Task.FromResult(ExitCode.Done);
    }

    private static Task<ExitCode> Show(Desk desk, ParseResult parsed, CancellationToken stop)
    {
        desk.Screen.Raw(desk.Around.Seams.ShowManifest(desk.ReadManifest().Manifest).TrimEnd());
        return Task.FromResult(ExitCode.Done);
    }

    private static Task<ExitCode> Schema(Desk desk, ParseResult parsed, CancellationToken stop)
    {
        desk.Screen.Raw((parsed.GetValue(OfFlags) ? FlagsSchema.Json() : desk.Around.Seams.ManifestSchema()).TrimEnd());
        return Task.FromResult(ExitCode.Done);
    }
}
