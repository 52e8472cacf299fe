namespace Teal.Analysis;

/// <summary>Both sides beside a limit that is a number, not the other side.</summary>
public sealed record RateLimitState(EProcessState New, EProcessState Old);

/// <summary>
/// Is a rate above a limit? Each request is a coin with the limit as its chance, and the bets of <see cref="RatioTest"/> on coins are
/// what they are. Both sides are asked: what is as bad on the old one is not the new one's doing.
/// </summary>
internal sealed class RateLimit(double rate, RateLimitState? state = null)
{
    private readonly RatioTest _new = RatioTest.WorseThan(1, state?.New);
    private readonly RatioTest _old = RatioTest.WorseThan(1, state?.Old);

    public RateLimitState State => new(_new.State, _old.State);

    public double LogE => _new.LogE;

    public bool NewReaches(double logLimit) => _new.Reaches(logLimit);

    public bool BothReach(double logLimit) => _new.Reaches(logLimit) && _old.Reaches(logLimit);

    public void Observe((long Above, long All) @new, (long Above, long All) old)
    {
        _new.Observe(@new.Above, @new.All - @new.Above, rate);
        _old.Observe(old.Above, old.All - old.Above, rate);
        _new.Pass(@new.All);
        _old.Pass(old.All);
    }
}
