namespace Teal.Cli.Showing;

public enum Ink
{
    None,
    Good,
    Bad,
    Faint,
    Strong,
}

/// <param name="IsTerminal">A person watches, and the terminal can move its cursor.</param>
/// <param name="HasColor">NO_COLOR and --no-color say no.</param>
/// <param name="Columns">Width of the terminal; 0: no limit.</param>
public sealed record ScreenKind(bool IsTerminal, bool HasColor, int Columns);

/// <summary>A line with the colour it may have.</summary>
public readonly record struct InkedLine(string Text, Ink Ink = Ink.None)
{
    public static implicit operator InkedLine(string text) => new(text);
}

/// <summary>
/// Where a verb prints. A reader that went away (<c>| head</c>) closes it: later lines fall on the floor, and whoever prints without
/// end looks at <see cref="IsClosed"/>.
/// </summary>
public sealed class Screen(TextWriter output, TextWriter error, ScreenKind kind)
{
    public ScreenKind Kind { get; } = kind;

    public bool IsClosed { get; private set; }

    /// <summary>For the live view, which draws by itself.</summary>
    public TextWriter Output => output;

    /// <summary>One line for people; foreign characters are made harmless here.</summary>
    public void Line(InkedLine line) => Write(output, Inked(line));

    public void Lines(IEnumerable<InkedLine> lines)
    {
        foreach (var line in lines)
        {
            Line(line);
        }
    }

    /// <summary>JSON, a script, a file: printed as it is, it escapes itself.</summary>
    public void Raw(string text) => Write(output, text);

    public void Error(InkedLine line) => Write(error, Inked(line));

    public void ErrorTrace(string trace)
    {
        foreach (var line in trace.Split('\n'))
        {
            Error(new InkedLine(line, Ink.Faint));
        }
    }

    private string Inked(InkedLine line)
    {
        var text = Plain.Of(line.Text);
        var code = Kind.HasColor ? Code(line.Ink) : null;
        return code is null ? text : $"\e[{code}m{text}\e[0m";
    }

    private static string? Code(Ink ink) =>
        ink switch
        {
            Ink.Good => "32",
            Ink.Bad => "31",
            Ink.Faint => "2",
            Ink.Strong => "1",
            _ => null,
        };

    private void Write(TextWriter writer, string text)
    {
        if (IsClosed && ReferenceEquals(writer, output))
        {
            return;
        }
        try
        {
            writer.Write(text);
            writer.Write('\n');
            writer.Flush();
        }
        catch (IOException)
        {
            // The reader closed the pipe. What the verb does matters more than what it says about it.
            IsClosed |= ReferenceEquals(writer, output);
        }
    }
}
