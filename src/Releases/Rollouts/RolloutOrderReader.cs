using Teal.Analysis;
using Teal.Flags;

namespace Teal.Releases.Rollouts;

/// <param name="Order">Null when anything is wrong.</param>
public sealed record RolloutReading(RolloutOrder? Order, IReadOnlyList<RolloutError> Errors);

/// <summary>A rollout as people write it.</summary>
/// <param name="Steps"><c>1%,5%,25%,100%</c></param>
/// <param name="Hold">Of each step: <c>10m</c>.</param>
/// <param name="Guards"><c>error_rate:+0.5%,latency_p99:x1.3</c>; empty: none.</param>
/// <param name="OnBreach">off · previous</param>
public sealed record RolloutText(string From, string To, string Steps, string Hold, string Guards, string OnBreach);

/// <summary>Reads a rollout whole or not at all; an error names the part, the place and what was probably meant.</summary>
public static class RolloutOrderReader
{
    private const int LongestText = 1000;

    public static RolloutReading Read(RolloutText text)
    {
        var errors = new List<RolloutError>();
        var hold = HoldOf(text.Hold, errors);
        var shares = SharesOf(text.Steps, errors);
        var guards = text.Guards.Length == 0 ? [] : GuardText.Read(text.Guards, errors);
        var onBreach = BreachOf(text.OnBreach, errors);
        if (text.From == text.To)
        {
            errors.Add(new RolloutError("TEAL9320", "variant", 1, $"users have {Wording.Quote(text.To)} already: name the other variant"));
        }
        if (errors.Count == 0 && shares[0] == Share.All && guards.Any(Compares))
        {
            const string message = "a guard that compares needs users of both variants at once: begin below 100%";
            errors.Add(new RolloutError("TEAL9321", "steps", 1, message));
        }
        var order =
            errors.Count > 0
                ? null
                : new RolloutOrder(text.From, text.To, [.. shares.Select(share => new RolloutStep(share, hold))], guards, onBreach);
        return new RolloutReading(order, errors);
    }

    private static bool Compares(Guard guard) => guard.Limit != GuardLimit.Max;

    private static TimeSpan HoldOf(string text, List<RolloutError> errors)
    {
        if (!Duration.TryParse(text, out var hold))
        {
            errors.Add(new RolloutError("TEAL9322", "hold", 1, $"{Wording.Quote(text)} is not a duration; write it like 10m or 1h30m"));
        }
        else if (hold > RolloutOrder.LongestHold)
        {
            errors.Add(new RolloutError("TEAL9322", "hold", 1, $"a step is held for {Duration.Text(RolloutOrder.LongestHold)} at most"));
        }
        return hold;
    }

    private static List<Share> SharesOf(string text, List<RolloutError> errors)
    {
        var shares = new List<Share>();
        var pieces = text.Length > LongestText ? [] : text.Split(',');
        if (pieces.Length is 0 or > RolloutOrder.MostSteps)
        {
            errors.Add(new RolloutError("TEAL9321", "steps", 1, $"a rollout has at most {RolloutOrder.MostSteps} steps"));
            return shares;
        }
        var column = 1;
        foreach (var piece in pieces)
        {
            if (!Share.TryParse(piece.Trim(' '), out var share))
            {
                var meant = Share.TryParse(piece.Trim(' ') + "%", out var read) ? read.ToString() : null;
                errors.Add(
                    new RolloutError("TEAL9321", "steps", column, $"{Wording.Quote(piece)} is not a share from 0.01% to 100%", meant)
                );
            }
            else if (share == Share.None || (shares.Count > 0 && share <= shares[^1]))
            {
                var above = shares.Count > 0 ? shares[^1] : Share.None;
                errors.Add(
                    new RolloutError("TEAL9321", "steps", column, $"{share} does not rise above {above}: each step lets more users in")
                );
            }
            shares.Add(share);
            column += piece.Length + 1;
        }
        return shares;
    }

    private static BreachShare BreachOf(string text, List<RolloutError> errors)
    {
        if (text is not ("off" or "previous"))
        {
            var meant = Wording.Nearest(text, ["off", "previous"]);
            errors.Add(new RolloutError("TEAL9320", "on_breach", 1, $"{Wording.Quote(text)} is neither off nor previous", meant));
        }
        return text == "previous" ? BreachShare.Previous : BreachShare.Off;
    }
}
