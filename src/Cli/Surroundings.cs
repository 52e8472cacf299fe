using Teal.Cli.Showing;

namespace Teal.Cli;

/// <summary>Everything of the outside that a verb may use; tests bring their own.</summary>
/// <param name="Variable">An environment variable, null when unset.</param>
/// <param name="Directory">The working directory.</param>
/// <param name="Input">Answers of a person; null when nobody is there to ask.</param>
public sealed record Surroundings(
    Func<string, string?> Variable,
    string Directory,
    TextWriter Output,
    TextWriter Error,
    TextReader? Input,
    ScreenKind Screen,
    TimeProvider Time,
    Seams Seams
)
{
    /// <summary>This process's own.</summary>
    public static Surroundings OfProcess()
    {
        var isTerminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        return new Surroundings(
            Environment.GetEnvironmentVariable,
            System.IO.Directory.GetCurrentDirectory(),
            StandardOutput(),
            Console.Error,
            Console.IsInputRedirected ? null : Console.In,
            new ScreenKind(isTerminal, isTerminal, Columns(isTerminal)),
            TimeProvider.System,
            Seams.Built()
        );
    }

    private static StreamWriter StandardOutput()
    {
        // Console.Out keeps silent about a closed pipe; `teal logs -f | head` has to notice it.
        var stream = new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(1, ownsHandle: false), FileAccess.Write, 1);
        // In a file it would write at a place of its own, and whoever shares the file (`{ teal plan; teal deploy; } > log`) over it.
        return new StreamWriter(stream.CanSeek ? Console.OpenStandardOutput() : stream);
    }

    private static int Columns(bool isTerminal)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), out var columns) && columns > 0)
        {
            return columns;
        }
        return isTerminal ? Console.WindowWidth : 0;
    }
}
