using System.Globalization;
using Teal.Wire;

namespace Teal.Cli.Showing;

/// <summary>One frame of the live view. Pure: the same state and moment draw the same lines.</summary>
internal static class LiveText
{
    private const int BarCells = 24;
    private const int StepsShown = 6;

    /// <param name="away">Why the server does not answer; null when it does.</param>
    /// <param name="columns">0: no limit.</param>
    public static IReadOnlyList<InkedLine> Of(StatusView? status, ReleaseView? ours, string? away, DateTimeOffset now, int columns)
    {
        var lines = new List<InkedLine>();
        if (status is not null && ours is not null)
        {
            lines.AddRange(Release(status, ours, now));
        }
        else
        {
            lines.Add($"Waiting for {status?.Release?.Id ?? "the server"} to end.");
        }
        if (away is not null)
        {
            lines.Add(new InkedLine("The server is away; trying again. The release does not depend on this terminal.", Ink.Bad));
        }
        lines.Add(new InkedLine("Ctrl-C leaves; the release goes on.", Ink.Faint));
        return [.. lines.Select(line => line with { Text = Cropped(line.Text, columns) })];
    }

    private static IEnumerable<InkedLine> Release(StatusView status, ReleaseView ours, DateTimeOffset now)
    {
        yield return new InkedLine($"{ours.Id}  {status.Service}  {(ours.From is null ? "" : $"{ours.From} -> ")}{ours.To}", Ink.Strong);
        yield return $"stage {ours.Stage} of {ours.Stages}  {Bar(ours.Stages == 0 ? 0 : (double)ours.Stage / ours.Stages)}  {StatusText.Doing(ours)}{Left(ours, now)}";
        yield return $"share         {Bar(Fraction(ours.Share))}  {ours.Share}";
        if (ours.Verdicts is [.., var verdict])
        {
            foreach (var finding in verdict.Findings)
            {
                yield return new InkedLine($"guard  {ReleaseText.Finding(finding)}", ReleaseText.IsHealthy(finding) ? Ink.Good : Ink.Bad);
            }
        }
        foreach (var slot in status.Slots.Where(slot => slot.Version is not null))
        {
            yield return new InkedLine($"{slot.Slot, -6} {slot.Version}  {slot.Phase}  {slot.Share}", Ink.Strong);
            foreach (var instance in slot.Instances)
            {
                yield return new InkedLine($"       {StatusText.Instance(instance)}", instance.Healthy ? Ink.None : Ink.Bad);
            }
        }
        foreach (var step in ours.Steps.TakeLast(StepsShown))
        {
            yield return new InkedLine(ReleaseText.Step(ours.Id, step), Ink.Faint);
        }
        if (ours.NeedsPerson is not null)
        {
            yield return new InkedLine(
                $"{ReleaseText.Asks(ours)}: {ours.NeedsPerson}  (teal promote --force, or teal rollback)",
                Ink.Strong
            );
        }
    }

    /// <summary>The hold counts from the last time the share changed.</summary>
    private static string Left(ReleaseView ours, DateTimeOffset now)
    {
        if (ours.HoldMs <= 0 || ours.Paused || ours.Steps.LastOrDefault(step => step.Share == ours.Share) is null)
        {
            return "";
        }
        var since = ours.Steps.Reverse().TakeWhile(step => step.Share == ours.Share).Last().At;
        var left = TimeSpan.FromMilliseconds(ours.HoldMs) - (now - since);
        return left > TimeSpan.Zero
            ? $", {Elapsed.Text(TimeSpan.FromSeconds(Math.Ceiling(left.TotalSeconds)))} of hold left"
            : ", hold is over";
    }

    private static string Bar(double fraction)
    {
        var full = (int)Math.Round(Math.Clamp(fraction, 0, 1) * BarCells, MidpointRounding.AwayFromZero);
        return "[" + new string('#', full) + new string('.', BarCells - full) + "]";
    }

    private static double Fraction(string share) =>
        double.TryParse(share.TrimEnd('%'), NumberStyles.Float, CultureInfo.InvariantCulture, out var percent) ? percent / 100 : 0;

    private static string Cropped(string text, int columns) =>
        columns <= 0 || text.Length < columns ? text : string.Concat(text.AsSpan(0, Math.Max(0, columns - 2)), "…");
}
