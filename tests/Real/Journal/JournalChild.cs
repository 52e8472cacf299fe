using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Teal.Server.Journal;

namespace Teal.Tests.Real.Journal;

/// <summary>
/// A second process that appends and says so line by line: <c>open</c>, <c>ack N BODY</c>, <c>refused CODE</c>. It is this test
/// program, started again with a variable in its environment, so that it can be killed at any moment.
/// </summary>
internal sealed class JournalChild : IDisposable
{
    private const string JournalVariable = "TEAL_TEST_JOURNAL";
    private const string PrefixVariable = "TEAL_TEST_PREFIX";
    private const string CountVariable = "TEAL_TEST_COUNT";

    private readonly Process _process;

    private JournalChild(Process process) => _process = process;

    public int Pid => _process.Id;

    public int ExitCode => _process.ExitCode;

    /// <param name="prefix">Begins every body, so that each append of each child can be told from all others.</param>
    /// <param name="strace">Arguments of strace, which then runs the child; null runs it alone.</param>
    public static JournalChild Start(string journal, string prefix, int count, string[]? strace = null)
    {
        var start = new ProcessStartInfo
        {
            FileName = strace is null ? Environment.ProcessPath! : "strace",
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in strace is null ? [] : strace.Append(Environment.ProcessPath!))
        {
            start.ArgumentList.Add(argument);
        }
        start.Environment[JournalVariable] = journal;
        start.Environment[PrefixVariable] = prefix;
        start.Environment[CountVariable] = count.ToString(CultureInfo.InvariantCulture);
        return new JournalChild(Process.Start(start)!);
    }

    public string? ReadLine() => _process.StandardOutput.ReadLine();

    public IReadOnlyList<string> ReadToEnd()
    {
        var lines = new List<string>();
        while (ReadLine() is { } line)
        {
            lines.Add(line);
        }
        _process.WaitForExit();
        return lines;
    }

    /// <summary>SIGKILL, and wait until it is dead.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }
        _process.Dispose();
    }

#pragma warning disable CA2255 // the one door by which a test program can be something else, before its runner starts
    [ModuleInitializer]
    internal static void RunWhenAsked()
#pragma warning restore CA2255
    {
        if (Environment.GetEnvironmentVariable(JournalVariable) is not { } journal)
        {
            return;
        }
        var prefix = Environment.GetEnvironmentVariable(PrefixVariable)!;
        AppendAndSay(journal, prefix, int.Parse(Environment.GetEnvironmentVariable(CountVariable)!, CultureInfo.InvariantCulture));
        Environment.Exit(0);
    }

    private static void AppendAndSay(string path, string prefix, int count)
    {
        using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        using var journal = Try(output, () => SqliteJournal.Open(path)) ?? Try(output, () => SqliteJournal.Open(path));
        if (journal is null)
        {
            return;
        }
        output.WriteLine("open");
        for (var i = 0; i < count; i++)
        {
            var body = string.Create(CultureInfo.InvariantCulture, $"{prefix}-{i}");
            if (Try(output, () => journal.Append(JournalTests.Entry(body))) is { } entry)
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ack {entry.Sequence} {body}"));
            }
        }
    }

    private static T? Try<T>(StreamWriter output, Func<T> act)
        where T : class
    {
        try
        {
            return act();
        }
        catch (JournalException e)
        {
            output.WriteLine("refused " + e.Code);
            return null;
        }
    }
}
