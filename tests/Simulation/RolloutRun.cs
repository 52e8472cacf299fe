using System.Text.Json;
using Teal.Analysis;
using Teal.Flags;
using Teal.Releases;
using Teal.Releases.Rollouts;
using Teal.Server;
using Teal.Server.Driving;

namespace Teal.Tests.Simulation;

/// <summary>A world without services: rollouts are simulated without them.</summary>
internal sealed class NoReleases : IReleaseWorld
{
    public void Begin(string service, OutstandingEffect effect) => throw new NotSupportedException();

    public void Cancel(string service, long effect) => throw new NotSupportedException();

    public void Follow(ServerState state) { }
}

/// <param name="Shares">Every share that the flag had, in order.</param>
public sealed record RolloutResult(
    RolloutOutcome Outcome,
    Share Share,
    IReadOnlyList<Share> Shares,
    long Crashes,
    long CrashMoments,
    IReadOnlyList<string> Violations
);

/// <summary>
/// One guarded rollout by the real driver, on a flag that outlives every server. The server is killed where the plan says, started
/// again a moment later, and goes on. A run is a function of its plan.
/// </summary>
internal sealed class RolloutRun
{
    private const int MostSteps = 5_000;
    private static readonly Origin Person = new("person", "simulation", "by script");
    private static readonly RolloutKey Key = new("production", "checkout");

    private readonly CrashPlan _crashes;
    private readonly Fate _fate;
    private readonly RolloutOrder _order;
    private readonly VirtualTime _time = new();
    private readonly JournalDisk _disk = new();
    private readonly List<Share> _shares = [Share.None];
    private readonly List<string> _violations = [];
    private Life _server;

    private RolloutRun(RolloutOrder order, Fate fate, CrashPlan crashes)
    {
        (_order, _fate, _crashes) = (order, fate, crashes);
        _server = new Life(this);
    }

    public static RolloutResult Run(RolloutOrder order, Fate fate, CrashPlan crashes) => new RolloutRun(order, fate, crashes).ToTheEnd();

    private Rollout? Rollout => _server.State.Rollouts.GetValueOrDefault(Key.ToString())?.Rollout;

    private RolloutResult ToTheEnd()
    {
        _server.Start();
        _time.After(10, Ask);
        var steps = 0;
        while ((_server.IsDead || Rollout is null or { IsRunning: true }) && _violations.Count == 0 && steps++ < MostSteps)
        {
            if (!_time.Step())
            {
                _violations.Add("nothing is due any more, and the rollout has not ended");
            }
        }
        if (steps >= MostSteps)
        {
            _violations.Add("the run does not end");
        }
        CheckEnd();
        var end = Rollout;
        return new RolloutResult(
            end?.Outcome ?? RolloutOutcome.Running,
            _shares[^1],
            _shares,
            _crashes.Struck,
            _crashes.Moments,
            _violations
        );
    }

    /// <summary>The person asks again when the server died under the question.</summary>
    private void Ask()
    {
        if (!_server.IsDead && Rollout is null)
        {
            _server.Handle(new RolloutRequested(_order, Share.None, Person));
        }
        if (_server.IsDead || Rollout is null)
        {
            _time.After(500, Ask);
        }
    }

    private void Died() =>
        _time.After(
            700,
            () =>
            {
                _server = new Life(this);
                _server.Start();
            }
        );

    /// <summary>Setting the same share again changes nothing, as the real flags have it.</summary>
    private void Set(Share share)
    {
        if (_shares[^1] != share)
        {
            _shares.Add(share);
        }
    }

    private void CheckEnd()
    {
        if (_violations.Count > 0)
        {
            return;
        }
        if (Rollout!.Share != _shares[^1])
        {
            _violations.Add($"the state says {Rollout.Share} and the flag has {_shares[^1]}");
        }
        var folded = new MemoryJournal(_disk, CrashPlan.Never).ReadAfter(0, int.MaxValue).Aggregate(ServerState.Empty, ServerFold.Apply);
        if (Text(folded) != Text(_server.State))
        {
            _violations.Add("the journal folds to another state than the server's");
        }
    }

    private static string Text(ServerState state) => JsonSerializer.Serialize(state, JournalJson.Default.ServerState);

    /// <summary>One life of the server, from its start to its kill.</summary>
    private sealed class Life : IRolloutWorld
    {
        private readonly RolloutRun _run;
        private readonly MemoryJournal _journal;
        private readonly ReleaseDriver _driver;
        private readonly HashSet<long> _performing = [];
        private bool _isRecovering;

        public Life(RolloutRun run)
        {
            _run = run;
            _journal = new MemoryJournal(run._disk, run._crashes);
            _driver = new ReleaseDriver(_journal, new NoReleases(), this, run._time, snapshotEvery: 5);
        }

        public bool IsDead { get; private set; }
        public ServerState State => _driver.State;

        public void Start() =>
            Survive(() =>
            {
                _isRecovering = true;
                _driver.Recover();
                _isRecovering = false;
            });

        public void Handle(RolloutEvent happened) => Survive(() => _driver.Handle(Key, happened));

        public void Begin(RolloutState state, WantedRolloutEffect wanted)
        {
            _run._crashes.Moment();
            if (!_isRecovering && !_journal.LastBody.Contains($"\"id\":{wanted.Id},", StringComparison.Ordinal))
            {
                _run._violations.Add($"every step is in the journal before its effect: {wanted} is not");
            }
            _performing.Add(wanted.Id);
            switch (wanted.Effect)
            {
                case MoveShare move:
                    After(30, () => Move(wanted.Id, move.Share));
                    break;
                case RolloutWait wait:
                    After((long)wait.For.TotalMilliseconds, () => Finish(wanted.Id, new RolloutTimerElapsed(wanted.Id)));
                    break;
                case ObserveVariant observe:
                    Watch(wanted.Id, observe.Step);
                    break;
            }
        }

        public void Cancel(RolloutKey key, long effect) => _performing.Remove(effect);

        /// <summary>The flag is changed, and the server may die before it can say so.</summary>
        private void Move(long id, Share share)
        {
            if (_performing.Contains(id))
            {
                _run.Set(share);
                Finish(id, new ShareMoved(id));
            }
        }

        private void Watch(long id, int step)
        {
            var isBad = _run._fate == Fate.Bad || (_run._fate == Fate.BadLater && step > 0);
            After(400, () => Say(id, _run._fate == Fate.Doubtful ? VerdictKind.Hold : VerdictKind.NoData));
            After(2500, () => Say(id, isBad ? VerdictKind.Rollback : VerdictKind.Continue));
        }

        private void Say(long id, VerdictKind kind)
        {
            if (_performing.Contains(id))
            {
                Handle(new RolloutJudged(id, new Verdict(kind, [])));
            }
        }

        private void Finish(long id, RolloutEffectOutcome outcome)
        {
            if (_performing.Remove(id))
            {
                Handle(outcome);
                // Once more: what arrives twice changes nothing.
                if (!IsDead)
                {
                    Handle(outcome);
                }
            }
        }

        private void After(long milliseconds, Action work) =>
            _run._time.After(
                milliseconds,
                () =>
                {
                    if (!IsDead)
                    {
                        work();
                    }
                }
            );

        private void Survive(Action work)
        {
            try
            {
                work();
            }
            catch (ServerKilledException)
            {
                IsDead = true;
                _run.Died();
            }
            catch (InvariantException e)
            {
                _run._violations.Add(e.Message);
            }
        }
    }
}
