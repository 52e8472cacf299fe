using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Teal.Flags;

/// <summary>One value of a document with the place where it stands: what the reader checks and builds from, and nothing keeps.</summary>
internal sealed class JsonTerm
{
    public required ValueKind Kind { get; init; }

    public required JsonTerm? Parent { get; init; }

    /// <summary>Its name in an object; null elsewhere.</summary>
    public string? Name { get; init; }

    /// <summary>Its place in a list.</summary>
    public int Place { get; init; }

    /// <summary>Bytes from the start of the document.</summary>
    public required int Start { get; init; }

    public int End { get; set; }

    /// <summary>Of a string.</summary>
    public string? Text { get; init; }

    /// <summary>Of a number; of a boolean 1 or 0.</summary>
    public double Number { get; init; }

    /// <summary>Of a list or object.</summary>
    public JsonTerm[] Items { get; set; } = [];

    public bool IsTrue => Kind == ValueKind.Boolean && Number > 0;

    /// <summary>The only member of an object that has one, which is how JSONLogic writes an operation.</summary>
    public bool IsOperation([NotNullWhen(true)] out JsonTerm? arguments)
    {
        arguments = Kind == ValueKind.Object && Items.Length == 1 ? Items[0] : null;
        return arguments is not null;
    }

    public JsonTerm? Member(string name)
    {
        foreach (var item in Items)
        {
            if (item.Name == name)
            {
                return item;
            }
        }
        return null;
    }

    /// <summary><c>$.flags["my flag"].targeting.if[0]</c></summary>
    public string Path()
    {
        var steps = new Stack<JsonTerm>();
        for (var term = this; term.Parent is not null; term = term.Parent)
        {
            steps.Push(term);
        }
        var path = new StringBuilder("$");
        foreach (var step in steps)
        {
            _ =
                step.Name is null ? path.Append(CultureInfo.InvariantCulture, $"[{step.Place}]")
                : IsPlain(step.Name) ? path.Append('.').Append(step.Name)
                : path.Append("[\"").Append(step.Name.Replace("\"", "\\\"", StringComparison.Ordinal)).Append("\"]");
        }
        return path.ToString();
    }

    private static bool IsPlain(string name) =>
        name.Length > 0 && name.All(static character => char.IsAsciiLetterOrDigit(character) || character is '_' or '$');
}
