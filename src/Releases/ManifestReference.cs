using System.Globalization;
using System.Text;
using Teal.Analysis;
using Teal.Flags;

namespace Teal.Releases;

/// <summary>The reference page of <c>teal.yaml</c>: every key with what it takes, what it is when left out, and what it does.</summary>
public static class ManifestReference
{
    private const string Opening = """
        # teal.yaml

        Made from the records that the loader fills; do not edit. An editor checks the file while you type with this first line:

        ```yaml
        # yaml-language-server: $schema=./teal.schema.json
        ```

        The loader is strict: an unknown or duplicate key, a tag, a merge key, a second document or a missing unit is an error with its
        line and column. Durations are written `100ms`, `30s`, `1m30s`, `1h`, `7d`; sizes `10MB` (powers of 1000) or `1GiB` (powers of
        1024); shares `5%`, `0.01%`. The file has at most 256 KiB.

        """;

    public static string Markdown()
    {
        var page = new StringBuilder(Opening.ReplaceLineEndings("\n"));
        Section(page, "", ManifestShape.Root);
        Guards(page);
        return page.ToString();
    }

    private static void Section(StringBuilder page, string path, ValueShape.Section section)
    {
        var title = path.Length == 0 ? "Top level" : $"`{path}`";
        page.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n| key | takes | default | meaning |\n|---|---|---|---|\n");
        foreach (var key in section.Keys)
        {
            var fallback = key.IsRequired ? "required" : Default(key.Value, key.Default);
            page.Append(
                CultureInfo.InvariantCulture,
                $"| `{key.Name}` | {Cell(Takes(key.Value))} | {fallback} | {Cell(key.Description)} |\n"
            );
        }
        if (path.Length == 0)
        {
            page.Append(
                CultureInfo.InvariantCulture,
                $"| `{ManifestShape.Environments}` | names, each with keys of this page | none | {ManifestShape.EnvironmentsDescription} |\n"
            );
        }
        foreach (var key in section.Keys)
        {
            var (inner, ending) = key.Value is ValueShape.Many many ? (many.Item, "[]") : (key.Value, "");
            if (inner is ValueShape.Section below)
            {
                Section(page, (path.Length == 0 ? key.Name : $"{path}.{key.Name}") + ending, below);
            }
        }
    }

    private static void Guards(StringBuilder page)
    {
        page.Append(
            "\n## `release.guard[]`\n\nA metric and exactly one limit.\n\n| metric | limit | takes | compared |\n|---|---|---|---|\n"
        );
        foreach (var form in GuardForm.All)
        {
            var metrics = string.Join(", ", form.Metrics.Select(metric => $"`{GuardForm.WordOf(metric)}`"));
            page.Append(
                CultureInfo.InvariantCulture,
                $"| {metrics} | `{GuardForm.WordOf(form.Limit)}` | {form.Words}, like `{form.Example}` | {form.Meaning} |\n"
            );
        }
    }

    private static string Takes(ValueShape shape) =>
        shape switch
        {
            ValueShape.Text text => ManifestForm.Of(text.Form).Words,
            ValueShape.Whole whole => $"{whole.Least} to {whole.Most}",
            ValueShape.Time time => $"{Duration.Text(time.Least)} to {Duration.Text(time.Most)}",
            ValueShape.Bytes bytes => $"{ByteSize.Text(bytes.Least)} to {ByteSize.Text(bytes.Most)}",
            ValueShape.Part => "0% to 100%",
            ValueShape.Truth => "true or false",
            ValueShape.Choice choice => string.Join(", ", choice.Words),
            ValueShape.Many many => $"{many.Least} to {many.Most} of: {Takes(many.Item)}",
            ValueShape.Variables variables => $"up to {variables.Most} of NAME: {ManifestForm.Of(variables.Form).Words}",
            ValueShape.Section { Short: { } brief } => $"keys, see below, or alone the value of `{brief.Name}`",
            ValueShape.Section => "keys, see below",
            _ => "a guard, see below",
        };

    private static string Default(ValueShape shape, object? value) =>
        (shape, value) switch
        {
            (_, null) => "none",
            (ValueShape.Section, _) => "see below",
            (_, string text) => $"`{text}`",
            (_, IReadOnlyList<Guard> guards) => string.Join(", ", guards.Select(guard => $"`{guard}`")),
            (_, IReadOnlyList<StageSection> steps) => string.Join(", ", steps.Select(step => $"`{{ share: {step.Share} }}`")),
            (_, IReadOnlyList<RouteSection> routes) => string.Join(
                ", ",
                routes.Select(route => $"`{{ host: '{route.Host}', path: {route.Path} }}`")
            ),
            (_, System.Collections.IEnumerable items) => items.Cast<object>().Select(item => $"`{item}`").ToList() is { Count: > 0 } all
                ? string.Join(", ", all)
                : "none",
            (_, var other) => $"`{ManifestText.Of(other)}`",
        };

    private static string Cell(string text) => text.Replace("|", @"\|", StringComparison.Ordinal);
}
