using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Teal.Analysis;
using Teal.Releases;

namespace Teal.Tests.Fast.Releases;

/// <summary>The machine's picture, drawn from what it does, approved by somebody who read it.</summary>
public sealed class ReleaseMachinePictureTests
{
    private const string Picture = "docs/reference/release-machine.md";

    [Fact]
    public void The_picture_of_the_machine_is_the_approved_one()
    {
        var drawn = Draw();
        var path = Path.Combine(Root(), Picture);
        if (Environment.GetEnvironmentVariable("TEAL_APPROVE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, drawn);
        }
        var approved = File.Exists(path) ? File.ReadAllText(path) : "";
        Assert.True(
            drawn == approved,
            $"The release machine goes other ways than {Picture} shows. Run this test with TEAL_APPROVE=1, read the difference "
                + $"(`git diff {Picture}`), and commit it if it is what you meant. First difference: {FirstDifference(approved, drawn)}"
        );
    }

    private static string Draw()
    {
        var arrows = new SortedDictionary<(int From, int To, string Kind), SortedSet<string>>();
        string[][] manifests =
        [
            ["5% 60", "100% 60"],
            ["5% 0", "100% 0"],
        ];
        foreach (var explored in manifests.Select(stages => new Exploration(Given.Manifest(BreachAction.Rollback, stages))))
        {
            foreach (var arrow in explored.Arrows)
            {
                Draw(explored, arrow, arrows);
            }
        }
        return Page(arrows);
    }

    private static void Draw(Exploration explored, Arrow arrow, SortedDictionary<(int, int, string), SortedSet<string>> arrows)
    {
        var (before, after) = (explored.States[arrow.From], explored.States[arrow.To]);
        var kind = after.Release!.Kind == ReleaseKind.Deploy ? "Deploy" : "Rollback";
        var key = (Node(before), Node(after), kind);
        if (key.Item1 == key.Item2 && before.Release!.Stage == after.Release.Stage)
        {
            return;
        }
        if (!arrows.TryGetValue(key, out var names))
        {
            arrows[key] = names = new SortedSet<string>(StringComparer.Ordinal);
        }
        names.Add(Name(before, arrow.Happened));
    }

    private static int Node(ServiceState state) => state.Release is { } release ? (int)release.Phase : (int)ReleasePhase.Ended;

    /// <summary>The event in a few words, with what distinguishes its cases.</summary>
    private static string Name(ServiceState state, ReleaseEvent happened) =>
        happened switch
        {
            VerdictReached reached => $"verdict {Snake(reached.Verdict.Kind.ToString())}",
            EffectFailed failed => $"{Effect(state, failed)} failed",
            TimerElapsed elapsed => $"{Snake(((Wait)Wanted(state, elapsed)).Reason.ToString())} elapsed",
            SlotDown down => $"{Side(state, down.Slot)} down",
            SlotUp up => $"{Side(state, up.Slot)} up",
            PromoteRequested { Force: true } => "promote --force",
            DeployRequested { Supersede: true } => "deploy --supersede",
            ReleaseCommand command => Snake(command.GetType().Name.Replace("Requested", "", StringComparison.Ordinal)),
            _ => Snake(happened.GetType().Name),
        };

    private static string Effect(ServiceState state, EffectFailed failed) =>
        Wanted(state, failed) is Wait wait ? $"{Snake(wait.Reason.ToString())} wait" : Snake(Wanted(state, failed).GetType().Name);

    private static ReleaseEffect Wanted(ServiceState state, EffectOutcome outcome) =>
        state.Outstanding.First(wanted => wanted.Id == outcome.Effect).Effect;

    private static string Side(ServiceState state, SlotName slot) =>
        state.Release is { IsRunning: true } release ? (slot == release.Into ? "new" : "old") : (slot == state.Live ? "live" : "warm");

    private static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name).Replace('_', ' ');

    private static string Page(SortedDictionary<(int From, int To, string Kind), SortedSet<string>> arrows)
    {
        var page = new StringBuilder();
        page.AppendLine("# The release machine");
        page.AppendLine();
        page.AppendLine("Drawn from the machine itself: every state that it can reach was visited with everything that can happen in it.");
        page.AppendLine("What is not drawn changes no phase. *new* is the version that is released, *old* the one that users came from.");
        foreach (var (kind, title) in new[] { ("Deploy", "A deploy"), ("Rollback", "A rollback to the warm version") })
        {
            page.AppendLine();
            page.AppendLine(CultureInfo.InvariantCulture, $"## {title}");
            page.AppendLine();
            page.AppendLine("```mermaid");
            page.AppendLine("stateDiagram-v2");
            page.AppendLine("    [*] --> Ended");
            foreach (var (arrow, names) in arrows.Where(arrow => arrow.Key.Kind == kind))
            {
                var label = string.Join("<br/>", names);
                page.AppendLine(CultureInfo.InvariantCulture, $"    {(ReleasePhase)arrow.From} --> {(ReleasePhase)arrow.To}: {label}");
            }
            page.AppendLine("```");
        }
        return page.ToString();
    }

    private static string FirstDifference(string approved, string drawn)
    {
        var lines = approved.Split('\n').Zip(drawn.Split('\n')).FirstOrDefault(pair => pair.First != pair.Second);
        return lines.First is null ? "one is longer than the other" : $"approved `{lines.First}`, drawn `{lines.Second}`";
    }

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../.."));
}
