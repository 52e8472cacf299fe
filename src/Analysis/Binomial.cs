namespace Teal.Analysis;

/// <summary>Exact binomial probabilities, by the incomplete beta function: P(X ≥ k) = I_p(k, n − k + 1).</summary>
public static class Binomial
{
    private const int MostTerms = 500;
    private const int Halvings = 60;

    /// <summary>The chance of <paramref name="hits"/> or more in <paramref name="trials"/>, each with the chance <paramref name="chance"/>.</summary>
    public static double AtLeast(long hits, long trials, double chance) =>
        hits <= 0 ? 1
        : hits > trials || chance <= 0 ? 0
        : chance >= 1 ? 1
        : IncompleteBeta(hits, trials - hits + 1, chance);

    /// <summary>
    /// The rate that is undercut with the chance <paramref name="doubt"/> at most (Clopper and Pearson, Biometrika 26:404, 1934), one-sided.
    /// </summary>
    public static double LowerBound(long hits, long trials, double doubt) =>
        hits <= 0 ? 0 : Solve(rate => AtLeast(hits, trials, rate) < doubt);

    /// <summary>The rate that is exceeded with the chance <paramref name="doubt"/> at most; 1 without trials.</summary>
    public static double UpperBound(long hits, long trials, double doubt) =>
        hits >= trials ? 1 : Solve(rate => 1 - AtLeast(hits + 1, trials, rate) > doubt);

    /// <summary>The largest rate for which the condition, true at 0 and false at 1, holds.</summary>
    private static double Solve(Func<double, bool> holds)
    {
        var (low, high) = (0.0, 1.0);
        for (var i = 0; i < Halvings; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = holds(middle) ? (middle, high) : (low, middle);
        }
        return low;
    }

    /// <summary>I_x(a, b) by its continued fraction (Lentz's way; Press et al., Numerical Recipes, 6.4).</summary>
    private static double IncompleteBeta(double a, double b, double x)
    {
        var front = Math.Exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + (a * Math.Log(x)) + (b * Math.Log(1 - x)));
        return x < (a + 1) / (a + b + 2) ? front * Fraction(a, b, x) / a : 1 - (front * Fraction(b, a, 1 - x) / b);
    }

    private static double Fraction(double a, double b, double x)
    {
        const double tiny = 1e-300;
        var c = 1.0;
        var d = 1 / Away(1 - ((a + b) * x / (a + 1)));
        var value = d;
        for (var m = 1; m <= MostTerms; m++)
        {
            var even = m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m)));
            d = 1 / Away(1 + (even * d));
            c = Away(1 + (even / c));
            value *= d * c;
            var odd = -(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1));
            d = 1 / Away(1 + (odd * d));
            c = Away(1 + (odd / c));
            value *= d * c;
            if (Math.Abs((d * c) - 1) < 1e-14)
            {
                break;
            }
        }
        return value;

        static double Away(double number) => Math.Abs(number) < tiny ? tiny : number;
    }

    /// <summary>Stirling's series, shifted up until it is exact to double precision.</summary>
    internal static double LogGamma(double x)
    {
        var shift = 0.0;
        for (; x < 15; x++)
        {
            shift -= Math.Log(x);
        }
        var inverse = 1 / (x * x);
        var series =
            ((((((1.0 / 1188) * inverse) - (1.0 / 1680)) * inverse + (1.0 / 1260)) * inverse - (1.0 / 360)) * inverse + (1.0 / 12)) / x;
        return shift + ((x - 0.5) * Math.Log(x)) - x + (0.5 * Math.Log(2 * Math.PI)) + series;
    }
}
