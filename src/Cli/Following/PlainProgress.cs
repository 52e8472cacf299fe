using Teal.Cli.Showing;
using Teal.Wire;

namespace Teal.Cli.Following;

/// <summary>For a pipe, a log file, a plain terminal: one line for each step, with its time.</summary>
/// <param name="known">The release as the reader knows it already: what stands in it is not told again.</param>
internal sealed class PlainProgress(Screen screen, ReleaseView? known = null) : IReleaseProgress
{
    private StepView? _lastStep = known?.Steps is [.., var step] ? step : null;
    private DateTimeOffset _lastVerdict = known?.Verdicts is [.., var verdict] ? verdict.At : DateTimeOffset.MinValue;
    private string? _waitingFor;
    private string? _asked;

    public void See(StatusView status, ReleaseView? ours, EventView? happened)
    {
        if (ours is null)
        {
            Waits(status.Release?.Id ?? "another release");
            return;
        }
        var steps = NewSteps(ours.Steps, _lastStep).ToList();
        var verdicts = ours.Verdicts.Where(verdict => verdict.At > _lastVerdict).ToList();
        screen.Lines(ReleaseText.Timeline(ours.Id, steps, verdicts).Select(line => new InkedLine(line)));
        _lastStep = steps is [.., var newestStep] ? newestStep : _lastStep;
        _lastVerdict = verdicts is [.., var newest] ? newest.At : _lastVerdict;
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
                screen.Line(new InkedLine($"{ours.Id} {ReleaseText.Asks(ours)}: {_asked}", Ink.Strong));
                screen.Lines(ReleaseText.Next(["teal promote --force", "teal rollback"]));
            }
        }
    }
}
