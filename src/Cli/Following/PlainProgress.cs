using Teal.Cli.Showing;
using Teal.Wire;

namespace Teal.Cli.Following;

/// <summary>For a pipe, a log file, a plain terminal: one line for each step, with its time.</summary>
internal sealed class PlainProgress(Screen screen) : IReleaseProgress
{
    private StepView? _lastStep;
    private DateTimeOffset _lastVerdict = DateTimeOffset.MinValue;
    private string? _waitingFor;
    private string? _asked;

    public void See(StatusView status, ReleaseView? ours, EventView? happened)
    {
        if (ours is null)
        {
            Waits(status.Release?.Id ?? "another release");
            return;
        }
        foreach (var step in NewSteps(ours.Steps, _lastStep))
        {
            screen.Line(ReleaseText.Step(ours.Id, step));
            _lastStep = step;
        }
        foreach (var verdict in ours.Verdicts.Where(verdict => verdict.At > _lastVerdict))
        {
            screen.Lines(ReleaseText.Verdict(ours.Id, verdict).Select(line => new InkedLine(line)));
            _lastVerdict = verdict.At;
        }
        Asks(ours);
    }

    public void Lost(string why) =>
        screen.Line($"The server is away ({why.TrimEnd('.')}); trying again. Traffic and the release do not depend on this connection.");

    public void Found() => screen.Line("The server is back.");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The timeline keeps only its newest lines: what was printed last is looked for, not counted.</summary>
    public static IEnumerable<StepView> NewSteps(IReadOnlyList<StepView> steps, StepView? last)
    {
        var seen = last is null ? -1 : steps.ToList().LastIndexOf(last);
        return steps.Skip(seen + 1);
    }

    private void Waits(string release)
    {
        if (_waitingFor != release)
        {
            _waitingFor = release;
            screen.Line($"Waiting for {release} to end.");
        }
    }

    private void Asks(ReleaseView ours)
    {
        if (_asked != ours.NeedsPerson)
        {
            _asked = ours.NeedsPerson;
            if (_asked is not null)
            {
                screen.Line(new InkedLine($"{ours.Id} needs you: {_asked}", Ink.Strong));
                screen.Lines(ReleaseText.Next(["teal promote --force", "teal rollback"]));
            }
        }
    }
}
