using System.Globalization;

namespace Teal.Releases;

/// <summary>One thing that is wrong with a manifest, at its place.</summary>
/// <param name="Code">Stable, with a page in <c>docs/errors.md</c>.</param>
/// <param name="Path">Of the file.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="Suggestion">What was probably meant, to be typed as it stands; null when nothing comes to mind.</param>
public sealed record ManifestError(string Code, string Path, int Line, int Column, string Message, string? Suggestion = null)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Path}:{Line}:{Column}: {Message}")
        + (Suggestion is null ? "" : $" (did you mean '{Suggestion}'?)");
}

/// <summary>Collects what is wrong, up to a limit, each thing once.</summary>
internal sealed class ManifestErrors(string path)
{
    private const int Most = 100;

    private readonly List<ManifestError> _errors = [];

    public bool Any => _errors.Count > 0;

    /// <summary>Nothing more is taken in, so nothing more need be looked for.</summary>
    public bool IsFull => _errors.Count >= Most;

    public void Add(string code, Place at, string message, string? suggestion = null)
    {
        var error = new ManifestError(code, path, at.Line, at.Column, message, suggestion);
        // The base is read again under each environment; its errors are said once.
        if (!IsFull && !_errors.Contains(error))
        {
            _errors.Add(error);
        }
    }

    public IReadOnlyList<ManifestError> InOrder() => [.. _errors.OrderBy(error => error.Line).ThenBy(error => error.Column)];
}
