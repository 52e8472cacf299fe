namespace Teal.Analysis;

/// <summary>
/// Who of N requests was served by the new side, when that side served n₁ of them and makes no difference: any n₁ are as likely as any
/// other. The mean of a product over all these choices turns scores into a fair bet (<see cref="Hypergeometric"/> is the case of two scores).
/// </summary>
internal static class Permutations
{
    private const int MostSteps = 60;

    /// <summary>Beyond it a term is below the last bit of the sum.</summary>
    private const double Negligible = -45;

    /// <summary>
    /// ln of the mean of Π e^score over all choices of <paramref name="chosen"/> among <paramref name="counts"/> requests with these scores.
    /// </summary>
    /// <remarks>
    /// Each request is chosen by a coin with the odds e^(score + c); c is set so that n₁ are expected. The chance that exactly n₁ are chosen
    /// (Poisson's binomial, by its characteristic function: Fernández and Williams, IEEE TAES 46:803, 2010) is then near the top of its
    /// distribution, where the sum loses nothing, and the wanted mean follows from it for any c.
    /// </remarks>
    public static double LogMeanProduct(ReadOnlySpan<double> scores, ReadOnlySpan<long> counts, long chosen)
    {
        long all = 0;
        foreach (var count in counts)
        {
            all += count;
        }
        var c = Centre(scores, counts, chosen, all);
        Span<double> chances = stackalloc double[scores.Length];
        var normaliser = 0.0;
        for (var i = 0; i < scores.Length; i++)
        {
            var odds = Math.Exp(scores[i] + c);
            chances[i] = odds / (1 + odds);
            normaliser += counts[i] == 0 ? 0 : counts[i] * Math.Log(1 + odds);
        }
        return LogChance(chances, counts, chosen, all) + normaliser - (c * chosen) - LogChoices(all, chosen);
    }

    private static double LogChoices(long all, long chosen) =>
        Binomial.LogGamma(all + 1) - Binomial.LogGamma(chosen + 1) - Binomial.LogGamma(all - chosen + 1);

    /// <summary>Newton's steps, halved where they leave the bracket. Any c is right; a centred one is exact to the last digits.</summary>
    private static double Centre(ReadOnlySpan<double> scores, ReadOnlySpan<long> counts, long chosen, long all)
    {
        var (lowest, highest) = (double.MaxValue, double.MinValue);
        for (var i = 0; i < scores.Length; i++)
        {
            if (counts[i] > 0)
            {
                (lowest, highest) = (Math.Min(lowest, scores[i]), Math.Max(highest, scores[i]));
            }
        }
        var even = Math.Log((double)chosen / (all - chosen));
        var (low, high, c) = (even - highest, even - lowest, even);
        for (var step = 0; step < MostSteps && high - low > 1e-9; step++)
        {
            var (excess, slope) = (-(double)chosen, 0.0);
            for (var i = 0; i < scores.Length; i++)
            {
                var chance = 1 / (1 + Math.Exp(-scores[i] - c));
                excess += counts[i] * chance;
                slope += counts[i] * chance * (1 - chance);
            }
            if (Math.Abs(excess) < 1e-6)
            {
                break;
            }
            (low, high) = excess > 0 ? (low, c) : (c, high);
            var next = c - (excess / slope);
            c = next > low && next < high ? next : (low + high) / 2;
        }
        return c;
    }

    private static double LogChance(ReadOnlySpan<double> chances, ReadOnlySpan<long> counts, long chosen, long all)
    {
        var sum = 1.0;
        for (var k = 1; 2 * k <= all + 1; k++)
        {
            var angle = 2 * Math.PI * k / (all + 1);
            var (sin, cos) = Math.SinCos(angle);
            var (logSize, phase) = (0.0, -angle * chosen);
            for (var i = 0; i < chances.Length; i++)
            {
                if (counts[i] > 0)
                {
                    var chance = chances[i];
                    logSize += 0.5 * counts[i] * Math.Log(1 - (2 * chance * (1 - chance) * (1 - cos)));
                    phase += counts[i] * Math.Atan2(chance * sin, 1 - chance + (chance * cos));
                }
            }
            if (logSize < Negligible)
            {
                break;
            }
            sum += (2 * k == all + 1 ? 1 : 2) * Math.Exp(logSize) * Math.Cos(phase);
        }
        return Math.Log(sum / (all + 1));
    }
}
