namespace Teal.Analysis;

/// <summary>Where an <see cref="EProcess"/> stands: enough to go on with it bit for bit after a restart of the server.</summary>
/// <param name="Logs">One logarithm for each alternative, its weight and its restarts in it.</param>
/// <param name="Restarts">How many bets on a late onset were opened.</param>
/// <param name="SinceRestart">Requests of the new side since the last of them.</param>
public sealed record EProcessState(IReadOnlyList<double> Logs, long Restarts, long SinceRestart);

/// <summary>
/// Evidence as the capital of a gambler who starts with 1 and bets on several alternatives at once. While the null hypothesis holds no
/// bet wins on average, so the capital reaches 1/α at any time with the chance α at most (Ville, 1939; Ramdas et al., Statistical Science
/// 38:576, 2023): it may be looked at after every event, and acted on at once.
/// </summary>
/// <remarks>
/// A version may turn bad late, when the capital that was there from the start is long lost. A part of it is therefore held back and
/// laid on the same alternatives again every <see cref="RestartEvery"/> requests, the k-th time 1/((k+1)(k+2)) of that part. All these
/// bets win and lose by the same factors, so one number for each alternative holds them all (as in Shiryaev's and Roberts' recursion).
/// </remarks>
public sealed class EProcess
{
    /// <summary>Requests of the new side between two bets on a late onset.</summary>
    public const int RestartEvery = 500;

    private readonly double[] _logWeights;
    private readonly double[] _logs;
    private readonly double _heldBack;
    private long _restarts;
    private long _sinceRestart;

    /// <param name="weights">Of the alternatives; their sum is 1.</param>
    /// <param name="heldBack">Of the capital, what is kept for a late onset: 0 for none.</param>
    /// <param name="state">Where to go on; null for the beginning.</param>
    /// <exception cref="ArgumentException">The state is another process's, or holds what is no number.</exception>
    public EProcess(ReadOnlySpan<double> weights, double heldBack, EProcessState? state = null)
    {
        _heldBack = heldBack;
        _logWeights = new double[weights.Length];
        _logs = new double[weights.Length];
        for (var i = 0; i < weights.Length; i++)
        {
            _logWeights[i] = Math.Log(weights[i]);
            _logs[i] = _logWeights[i] + Math.Log(1 - heldBack);
        }
        if (state is not null)
        {
            GoOn(state);
        }
    }

    public EProcessState State => new([.. _logs], _restarts, _sinceRestart);

    /// <summary>ln E: the logarithm of the capital.</summary>
    public double LogE
    {
        get
        {
            var largest = Largest();
            var sum = NotYetBet * Math.Exp(-largest);
            foreach (var log in _logs)
            {
                sum += Math.Exp(log - largest);
            }
            return largest + Math.Log(sum);
        }
    }

    /// <summary>What every alternative's bet is multiplied by, as logarithms.</summary>
    internal void Win(ReadOnlySpan<double> logFactors)
    {
        var logs = _logs;
        for (var i = 0; i < logs.Length; i++)
        {
            logs[i] += logFactors[i];
        }
    }

    internal void Win(int alternative, double logFactor) => _logs[alternative] += logFactor;

    /// <summary>The same as <c>LogE ≥ logLimit</c>, mostly without an exponential: no sum is larger than its terms' number times the largest.</summary>
    public bool Reaches(double logLimit) => Largest() + Math.Log(_logs.Length + 1) >= logLimit && LogE >= logLimit;

    /// <summary>Requests of the new side went by, bad or not.</summary>
    public void Pass(long newRequests)
    {
        _sinceRestart += newRequests;
        if (_heldBack == 0 || _sinceRestart < RestartEvery)
        {
            return;
        }
        var due = _sinceRestart / RestartEvery;
        // The sum of 1/((k+1)(k+2)) over the bets that are due.
        var part = (1.0 / (_restarts + 1)) - (1.0 / (_restarts + due + 1));
        for (var i = 0; i < _logs.Length; i++)
        {
            _logs[i] = LogSum(_logs[i], _logWeights[i] + Math.Log(_heldBack * part));
        }
        _restarts += due;
        _sinceRestart %= RestartEvery;
    }

    /// <summary>ln(eᵃ + eᵇ).</summary>
    internal static double LogSum(double a, double b) => Math.Max(a, b) + Math.Log(1 + Math.Exp(-Math.Abs(a - b)));

    private double NotYetBet => _heldBack / (_restarts + 1);

    private void GoOn(EProcessState state)
    {
        if (
            state.Logs.Count != _logs.Length
            || state.Logs.Any(log => !double.IsFinite(log))
            || state.Restarts < 0
            || state.SinceRestart is < 0 or >= RestartEvery && _heldBack > 0
        )
        {
            throw new ArgumentException(
                $"{state.Logs.Count} logarithms cannot be the state of {_logs.Length} alternatives.",
                nameof(state)
            );
        }
        for (var i = 0; i < _logs.Length; i++)
        {
            _logs[i] = state.Logs[i];
        }
        (_restarts, _sinceRestart) = (state.Restarts, state.SinceRestart);
    }

    private double Largest()
    {
        var largest = Math.Log(NotYetBet);
        foreach (var log in _logs)
        {
            largest = Math.Max(largest, log);
        }
        return largest;
    }
}
