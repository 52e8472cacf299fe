using System.Globalization;
using System.Text;
using System.Text.Json;
using Teal.Releases.Rollouts;
using Teal.Tests.Fast.Manifests;

namespace Teal.Tests.Fast.Rollouts;

/// <summary>The machine's picture, drawn from what it does, approved by somebody who read it.</summary>
public sealed class RolloutMachinePictureTests
{
    [Fact]
    public void The_picture_of_the_machine_is_the_approved_one()
    {
        var arrows = new SortedDictionary<(string From, string To), SortedSet<string>>();
        string[][] orders =
        [
            ["5% 60", "100% 60"],
            ["5% 0", "100% 0"],
        ];
        foreach (var explored in orders.Select(steps => new RolloutExploration(RolloutExploration.Order(BreachShare.Off, steps))))
        {
            foreach (var arrow in explored.Arrows)
            {
                Draw(explored.States[arrow.From], arrow.Happened, explored.States[arrow.To], arrows);
            }
        }
        Golden.Matches("docs/reference/rollout-machine.md", Page(arrows));
    }

    private static void Draw(
        RolloutState before,
        RolloutEvent happened,
        RolloutState after,
        SortedDictionary<(string From, string To), SortedSet<string>> arrows
    )
    {
        var (from, to) = (Node(before), Node(after));
        var (old, now) = (before.Rollout, after.Rollout!);
        var isSame = old?.Step == now.Step && old.IsPaused == now.IsPaused && (old.NeedsPerson is null) == (now.NeedsPerson is null);
        if (from == to && isSame)
        {
            return;
        }
        if (!arrows.TryGetValue((from, to), out var names))
        {
            arrows[(from, to)] = names = new SortedSet<string>(StringComparer.Ordinal);
        }
        names.Add(Name(before, happened));
    }

    private static string Node(RolloutState state) => (state.Rollout?.Phase ?? RolloutPhase.Ended).ToString();

    /// <summary>The event in a few words, with what distinguishes its cases.</summary>
    private static string Name(RolloutState state, RolloutEvent happened) =>
        happened switch
        {
            RolloutJudged judged => $"verdict {Words(judged.Verdict.Kind.ToString())}",
            RolloutEffectFailed failed => $"{Effect(state, failed)} failed",
            RolloutTimerElapsed elapsed => $"{Effect(state, elapsed)} elapsed",
            RolloutPromoteRequested { Force: true } => "promote --force",
            RolloutRequested => "rollout",
            _ => Words(
                happened.GetType().Name.Replace("Rollout", "", StringComparison.Ordinal).Replace("Requested", "", StringComparison.Ordinal)
            ),
        };

    private static string Effect(RolloutState state, RolloutEffectOutcome outcome) =>
        state.Outstanding.First(wanted => wanted.Id == outcome.Effect).Effect is RolloutWait wait
            ? Words(wait.Reason.ToString())
            : Words(state.Outstanding.First(wanted => wanted.Id == outcome.Effect).Effect.GetType().Name);

    private static string Words(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name).Replace('_', ' ');

    private static string Page(SortedDictionary<(string From, string To), SortedSet<string>> arrows)
    {
        var page = new StringBuilder();
        page.AppendLine("# The rollout machine");
        page.AppendLine();
        page.AppendLine("Drawn from the machine itself: every state that it can reach was visited with everything that can happen in it.");
        page.AppendLine(
            "What is not drawn changes neither phase nor step nor pause, nor whether a person is asked. A step's rule is that of a release's stages."
        );
        page.AppendLine();
        page.AppendLine("```mermaid");
        page.AppendLine("stateDiagram-v2");
        page.AppendLine("    [*] --> Ended");
        foreach (var ((from, to), names) in arrows)
        {
            page.AppendLine(CultureInfo.InvariantCulture, $"    {from} --> {to}: {string.Join("<br/>", names)}");
        }
        page.AppendLine("```");
        return page.ToString();
    }
}
