using System.Globalization;
using System.Text.Json;
using Teal.Releases;
using Teal.Releases.Rollouts;
using Teal.Server;

namespace Teal.Tests.Simulation;

/// <param name="Digest">Two runs of one seed have the same one: the hash chain of the journal and what the plant counted.</param>
public sealed record SimulationResult(
    int Seed,
    string Digest,
    long Releases,
    long Entries,
    long Crashes,
    long CrashMoments,
    long Requests,
    long Failed,
    long Cut,
    TimeSpan VirtualTime,
    IReadOnlyDictionary<ReleaseOutcome, int> Outcomes,
    string? Live,
    IReadOnlyDictionary<RolloutOutcome, int> Rollouts,
    IReadOnlyList<string> Violations
);

/// <summary>
/// The real driver in a world that a seed decides: virtual time, slow and failing effects, ill versions, meddling people, a
/// server that is killed anywhere, a full disk, a jumping clock. A run is a function of its seed and nothing else.
/// </summary>
public sealed class SimulationRun
{
    public const string Service = "shop";
    private const int MostSteps = 400_000;

    internal static readonly Origin Person = new("person", "simulation", "by chance");

    private readonly int _seed;
    private int _deployed;
    private int _restless;
    private bool _isSettling;
    private ServerLife _server;

    private SimulationRun(int seed, Func<Random, Scenario> scenario)
    {
        _seed = seed;
        Chance = new Random(seed);
        Scenario = scenario(Chance);
        Plant = new Plant(Time, Chance);
        Flag = new FlagPlant(Plant, Chance);
        _server = new ServerLife(this);
    }

    internal VirtualTime Time { get; } = new();
    internal Random Chance { get; }
    internal Scenario Scenario { get; }
    internal JournalDisk Disk { get; } = new();
    internal Plant Plant { get; }
    internal FlagPlant Flag { get; }
    internal Receipt NoReceipt { get; } = new Ledger().Close(0, DateTimeOffset.UnixEpoch);

    /// <summary>A run in which everything goes wrong that the seed wants.</summary>
    public static SimulationResult Run(int seed) => Run(seed, Scenario.ByChance);

    public static SimulationResult Run(int seed, Func<Random, Scenario> scenario) => new SimulationRun(seed, scenario).ToTheEnd();

    internal Fate FateOf(string version) => Scenario.FateOf(int.Parse(version.AsSpan(1), CultureInfo.InvariantCulture));

    /// <summary>The server is killed: a new one starts after a while, and sometimes the old one still believes that it lives.</summary>
    internal void Died(ServerLife life)
    {
        Plant.LoseServer();
        Time.After(
            Chance.Next(5000),
            () =>
            {
                Disk.IsFull = false;
                _server = new ServerLife(this);
                if (Chance.Next(4) == 0)
                {
                    life.HauntAsZombie();
                }
                _server.Start();
            }
        );
    }

    private SimulationResult ToTheEnd()
    {
        _server.Start();
        Every(3000, Decide);
        Every(3000, DecideRollout);
        Every(900, Plant.Arrive);
        Every(8000, Sicken);
        Every(10_000, Disturb);
        var steps = 0;
        while (!IsOver() && Plant.Violations.Count == 0 && steps++ < MostSteps)
        {
            Time.Step();
        }
        if (steps >= MostSteps)
        {
            Plant.Violate($"the run does not end: {JsonSerializer.Serialize(_server.Everything, JournalJson.Default.ServerState)}");
        }
        if (Plant.Violations.Count == 0)
        {
            CheckEnd();
        }
        return Result();
    }

    private void Every(int mostMilliseconds, Action work) =>
        Time.After(
            Chance.Next(mostMilliseconds) + 1,
            () =>
            {
                work();
                Every(mostMilliseconds, work);
            }
        );

    /// <summary>Nothing runs, waits or is wanted any more, and everybody has had a minute to find out.</summary>
    private bool IsOver()
    {
        if (_server.IsDead || _server.State is not { } state || state.Release is null or { IsRunning: true })
        {
            return false;
        }
        _isSettling = state.Release.Number >= Scenario.Releases;
        return _isSettling
            && state.Waiting.Count == 0
            && state.Outstanding.Count == 0
            && Flag.IsOver(_server.Everything, Scenario.Rollouts);
    }

    /// <summary>A person looks at the release, and sometimes does something about it.</summary>
    private void Decide()
    {
        if (_server.IsDead)
        {
            return;
        }
        var release = _server.State?.Release;
        if (release is not { IsRunning: true })
        {
            DecideAtRest(release);
            return;
        }
        _restless = release.IsPaused || release.NeedsPerson is not null ? _restless + 1 : 0;
        if (Scenario.PersonHelps && _restless > 2 + Chance.Next(3))
        {
            _restless = 0;
            _server.Command(Help());
        }
        else if (Chance.NextDouble() < Scenario.PersonMeddles)
        {
            _server.Command(Meddle());
        }
    }

    /// <summary>The same for the flag, which does not care for releases.</summary>
    private void DecideRollout()
    {
        if (!_server.IsDead && Scenario.Rollouts > 0 && Flag.Decide(_server.Everything, Scenario) is { } command)
        {
            _server.Command(FlagPlant.Key, command);
        }
    }

    private void DecideAtRest(ReleaseState? last)
    {
        if (_isSettling)
        {
            return;
        }
        var isMeddling = last is not null && Chance.NextDouble() < Scenario.PersonMeddles;
        _server.Command(isMeddling ? Meddle() : Deploy(supersede: false));
    }

    /// <summary>Needed where a release waits for a person.</summary>
    private ReleaseCommand Help() =>
        Chance.Next(4) switch
        {
            0 => new ResumeRequested(Person),
            1 => new AbortRequested(Person),
            2 => new RollbackRequested(null, Person),
            _ => new PromoteRequested(true, Person),
        };

    private ReleaseCommand Meddle() =>
        Chance.Next(8) switch
        {
            0 => new PauseRequested(Person),
            1 => new ResumeRequested(Person),
            2 => new AbortRequested(Person),
            3 => new RollbackRequested(null, Person),
            4 => new PromoteRequested(Chance.Next(2) == 0, Person),
            5 => Deploy(supersede: true),
            _ => Deploy(supersede: false),
        };

    /// <summary>Mostly the next version, sometimes one again; and again the one that a dying server did not take.</summary>
    private DeployRequested Deploy(bool supersede)
    {
        var isAgain = Scenario.PersonMeddles > 0 && _deployed > 1 && Chance.Next(6) == 0;
        var version =
            !IsTaken(_deployed) ? _deployed
            : isAgain ? _deployed - Chance.Next(2)
            : ++_deployed;
        var manifest = Scenario.Manifests[Chance.Next(Scenario.Manifests.Count)];
        return new DeployRequested($"v{version}", manifest, supersede, Chance.Next(4) > 0, Person);
    }

    private bool IsTaken(int version)
    {
        var stories = _server.Everything.Histories.GetValueOrDefault(Service, ServiceHistory.Empty).Releases;
        return version == 0
            || stories.Any(story => story.To == $"v{version}")
            || (_server.State?.Waiting ?? []).Any(next => next.Version == $"v{version}");
    }

    /// <summary>An instance dies and is started again.</summary>
    private void Sicken()
    {
        var name = Chance.Next(2) == 0 ? SlotName.Blue : SlotName.Green;
        var slot = Plant[name];
        if (_isSettling || !slot.IsHealthy || Chance.NextDouble() >= Scenario.InstanceDies)
        {
            return;
        }
        slot.IsHealthy = false;
        Plant.End(name, isCut: false);
        _server.Report(new SlotDown(name, new Failure("TEAL9998", $"{slot.Version} died.", "The simulation said so.")));
        var life = slot.Life;
        Time.After(
            Chance.Next(20_000),
            () =>
            {
                if (slot.Life == life)
                {
                    slot.IsHealthy = true;
                    _server.Report(new SlotUp(name));
                }
            }
        );
    }

    private void Disturb()
    {
        if (Chance.NextDouble() < Scenario.ClockJumps)
        {
            Time.Jump(TimeSpan.FromHours(Chance.Next(2) == 0 ? 1 : -1));
        }
        if (Chance.NextDouble() < Scenario.DiskFills)
        {
            Disk.IsFull = true;
            Time.After(Chance.Next(8000), () => Disk.IsFull = false);
        }
    }

    /// <summary>What the state says is what is there, and the journal alone says the same.</summary>
    private void CheckEnd()
    {
        var state = _server.State!;
        var shape = state.Live is { } live ? TrafficShape.AllTo(live) : TrafficShape.Nowhere;
        if (Plant.Applied != shape)
        {
            Plant.Violate($"at the end traffic goes {Plant.Applied} and should go {shape}");
        }
        foreach (var slot in new[] { SlotName.Blue, SlotName.Green })
        {
            if (state[slot].Deployed?.Version != Plant[slot].Version)
            {
                Plant.Violate($"at the end {slot} runs {Plant[slot].Version} and should run {state[slot].Deployed?.Version}");
            }
        }
        Flag.CheckEnd(_server.Everything);
        var folded = new MemoryJournal(Disk, CrashPlan.Never).ReadAfter(0, int.MaxValue).Aggregate(ServerState.Empty, ServerFold.Apply);
        if (Text(folded) != Text(_server.Everything))
        {
            Plant.Violate("no event lost or doubled: the journal folds to another state than the server's");
        }
    }

    private static string Text(ServerState state) => JsonSerializer.Serialize(state, JournalJson.Default.ServerState);

    private SimulationResult Result()
    {
        var state = _server.Everything;
        var stories = state.Histories.GetValueOrDefault(Service, ServiceHistory.Empty).Releases;
        var service = _server.State;
        return new SimulationResult(
            _seed,
            $"{Disk.LastHash[..16]}-{Disk.Offsets.Count}-{Plant.Requests}-{Plant.Failed}-{Plant.Cut}-{Flag.Moves}-{Time.Milliseconds}",
            stories.Count,
            Disk.Offsets.Count,
            Scenario.Crashes.Struck,
            Scenario.Crashes.Moments,
            Plant.Requests,
            Plant.Failed,
            Plant.Cut,
            TimeSpan.FromMilliseconds(Time.Milliseconds),
            stories.CountBy(story => story.Outcome).ToDictionary(),
            service?.Live is { } live ? service[live].Deployed?.Version : null,
            state.RolloutHistories.Values.SelectMany(history => history.Rollouts).CountBy(story => story.Outcome).ToDictionary(),
            Plant.Violations
        );
    }
}
