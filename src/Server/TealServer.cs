using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Teal.Releases;
using Teal.Server.Access;
using Teal.Server.Driving;
using Teal.Server.Endpoints;
using Teal.Server.Flags;
using Teal.Server.Flags.Clients;
using Teal.Server.Flags.Files;
using Teal.Server.Flags.Ofrep;
using Teal.Server.Journal;
using Teal.Server.Monitoring;
using Teal.Server.Notifying;
using Teal.Server.Processes;
using Teal.Server.Versions;
using Teal.Server.Views;
using Teal.Traffic;
using Teal.Traffic.Proxying;

namespace Teal.Server;

/// <summary>
/// One process: journal, driver, data plane, instances and the admin API, put together here and nowhere else. The order of the
/// start is the order of trust: first remember, then find what runs, then route, then listen.
/// </summary>
public sealed class TealServer : IAsyncDisposable
{
    private static readonly TimeSpan EdgeDrain = TimeSpan.FromSeconds(10);

    private readonly ServerOptions _options;
    private readonly TimeProvider _time;
    private readonly StateFolder _folder;
    private readonly SqliteJournal _journal;
    private readonly TrafficPlane _plane;
    private readonly InstanceSupervisor _supervisor;
    private readonly RoutePublisher _routes;
    private readonly SlotOrders _orders;
    private readonly PreviewAddresses _previews;
    private readonly ServerWorld _world;
    private readonly FlagShares _shares;
    private readonly RolloutWorld _rollouts;
    private readonly ReleaseDriver _driver;
    private readonly DriverLoop _loop;
    private readonly ILogger _logs;
    private readonly List<string> _notRunnable = [];
    private readonly EventHub _hub = new();
    private readonly Notifier _notifier;
    private readonly PastSampler _sampler;
    private readonly FlagBoard _board;
    private readonly FlagAudience _audience;
    private readonly RolloutReports _reports;
    private readonly ClientEvents _events;
    private readonly FlagPorts _ports;
    private readonly FlagSources _sources;
    private readonly FlagFileWatch _files;
    private readonly WebApplication _admin;
    private readonly Edge _edge;
    private readonly CancellationTokenSource _stopping = new();
    private Task _background = Task.CompletedTask;

    private TealServer(ServerOptions options, TimeProvider time, ILoggerFactory logs)
    {
        (_options, _time, _logs) = (options, time, logs.CreateLogger<TealServer>());
        _folder = StateFolder.Open(options.Home);
        _journal = SqliteJournal.Open(_folder.Journal);
        var store = VersionStore.Open(_folder.Versions, new VersionLimits());
        var notes = new InstanceNotes();
        var secrets = new FlagSecrets(_folder.Root);
        _plane = new TrafficPlane(
            new TrafficPlaneOptions(MayPreview, [])
            {
                IsOwnPort = IsOwnPort,
                Flags = FlagsOf,
                Signers = secrets.SignerOf,
            },
            time
        );
        _supervisor = new InstanceSupervisor(
            new SupervisorOptions { Home = _folder.Root, Owner = _folder.HomeId },
            notes,
            time,
            logs.CreateLogger<InstanceSupervisor>()
        );
        _routes = new RoutePublisher(_plane, _supervisor, logs.CreateLogger<RoutePublisher>());
        _orders = new SlotOrders(store, secrets);
        _previews = new PreviewAddresses(_plane);
        var past = new RecentPast();
        var evidence = new ServerEvidence(_plane, _supervisor, () => _routes.State);
        var receipts = new ReceiptLedger(_plane.Ledger, time);
        var tools = new EffectTools(_plane, _supervisor, _orders, _previews, new ReleaseMonitor(evidence, time), receipts, past);
        _board = new FlagBoard(time);
        var flags = new FlagPublisher(_board, logs.CreateLogger<FlagPublisher>());
        _world = new ServerWorld(new EffectPerformer(tools, _routes, time), _routes, flags, receipts, logs.CreateLogger<ServerWorld>());
        _shares = new FlagShares(() => _driver!.State.Flags, (change, by, ct) => _loop!.ChangeFlagsAsync(change, by, ct));
        _reports = new RolloutReports(() => _driver!.State.Rollouts, time);
        var variants = new VariantSources([
            new VariantSource("seen at the edge", new EdgeVariantEvidence(_plane)),
            new VariantSource("reported by clients", new ClientVariantEvidence(_reports), ClientVariantEvidence.LongestSilence),
        ]);
        _rollouts = new RolloutWorld(_shares, variants, past, time, logs.CreateLogger<RolloutWorld>());
        _driver = new ReleaseDriver(_journal, _world, _rollouts, time);
        _loop = new DriverLoop(_driver, time);
        _notifier = new Notifier(
            _loop,
            new WebhookSender(IsOwnPort),
            (service, version) => store.Find(service, version)?.Folder,
            time,
            logs.CreateLogger<Notifier>()
        );
        _sampler = new PastSampler(evidence, variants, past, () => _routes.State, time);
        _edge = new Edge(_plane, EdgeLimits.Default, options.Listen, time);
        _audience = new FlagAudience(_board, new SdkKeys(() => _driver.State.Tokens, time));
        _events = new ClientEvents(_reports, time);
        var parts = new FlagPortParts(_board, _audience, _reports, _events);
        _ports = FlagPorts.Build(options.Flags ?? new FlagPortOptions(null, [], null), parts, time);
        _sources = new FlagSources(options.FlagFiles);
        _files = new FlagFileWatch(
            _sources,
            options.FlagFiles ?? new FlagFileOptions(null, new Dictionary<string, string>()),
            _loop,
            time,
            _logs
        );
        Facts = new ServerFacts(options, _folder, _driver, time);
        Connect(notes);
        _admin = AdminHost.Build(options, _folder, services => Register(services, store));
    }

    public ServerFacts Facts { get; }

    /// <summary>Where flags are served besides the admin surface.</summary>
    public IReadOnlyList<Uri> FlagAddresses => [.. new[] { _ports.Ofrep, _ports.Flagd }.OfType<Uri>()];

    /// <summary>A token for the TCP admin address, made because there was none: shown once.</summary>
    public string? FirstToken { get; private set; }

    /// <summary>What was found at the start and passed over: sentences for a person.</summary>
    public IReadOnlyList<string> Warnings => [.. _journal.Warnings, .. _notRunnable, .. _sources.Warnings];

    /// <summary>Processes of services that this server watches.</summary>
    public int RunningInstances =>
        _driver.State.Services.Keys.Sum(service =>
            Enum.GetValues<SlotName>().Sum(slot => _supervisor.Instances(service, slot).Count(instance => instance.Pid != 0))
        );

    /// <exception cref="JournalException">The journal is damaged or held by another server.</exception>
    public static async Task<TealServer> StartAsync(ServerOptions options, TimeProvider time, ILoggerFactory logs, CancellationToken ct)
    {
        var server = new TealServer(options, time, logs);
        try
        {
            await server.StartAsync(ct);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _hub.Close();
        _board.Close();
        await _ports.StopAsync();
        await _edge.StopAsync(EdgeDrain);
        await _admin.StopAsync();
        await _world.DisposeAsync();
        await _rollouts.DisposeAsync();
        if (_options.EndInstances)
        {
            await EndInstancesAsync();
        }
        await _supervisor.DisposeAsync();
        await _notifier.DisposeAsync();
        await _loop.DisposeAsync();
        await _previews.DisposeAsync();
        _plane.Dispose();
        await _edge.DisposeAsync();
        await _admin.DisposeAsync();
        await _ports.DisposeAsync();
        await _background.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _files.Dispose();
        _journal.Dispose();
        _stopping.Dispose();
        if (File.Exists(_folder.Socket))
        {
            File.Delete(_folder.Socket);
        }
    }

    private async Task StartAsync(CancellationToken ct)
    {
        _loop.Start();
        await _supervisor.AdoptAsync(Wanted(_driver.State), [.. _driver.State.Instances.Values], ct);
        foreach (var service in _driver.State.Services.Keys)
        {
            _routes.InstancesChanged(service);
            TellWhatIsUp(service);
        }
        await ReopenPreviewsAsync(ct);
        _world.Adopted();
        await _admin.StartAsync(ct);
        File.SetUnixFileMode(_folder.Socket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        if (_options.Admin is not null && _driver.State.Tokens.IsEmpty)
        {
            FirstToken = await MakeTokenAsync(ct);
        }
        await _files.BeginAsync(ct);
        await _ports.StartAsync(ct);
        await _edge.StartAsync(ct);
        Facts.Listening = [.. _edge.Addresses.Select(address => address.ToString().TrimEnd('/'))];
        var timetable = new FlagTimetable(_loop, _time, _logs);
        _background = Task.WhenAll(
            _sampler.RunAsync(_stopping.Token),
            timetable.RunAsync(_stopping.Token),
            _files.RunAsync(_stopping.Token)
        );
        _notifier.Look();
    }

    private void Connect(InstanceNotes notes)
    {
        _world.Connect((service, happened) => _ = _loop.Post(service, happened).AsTask());
        _rollouts.Connect((flag, happened) => _ = _loop.Post(flag, happened).AsTask());
        notes.Connect((service, happened, by) => _loop.RecordAsync(service, happened, by));
        _driver.Appended = (entry, _) =>
        {
            _hub.Publish(entry);
            _notifier.Look();
        };
        _loop.Troubled = e => _logs.LogError(e, "An event could not be handled");
        _supervisor.Changed += (service, _) => _routes.InstancesChanged(service);
        _supervisor.WentDown += (service, slot, failure) => _ = _loop.Post(service, new SlotDown(slot, failure)).AsTask();
        _supervisor.CameUp += (service, slot) => _ = _loop.Post(service, new SlotUp(slot)).AsTask();
    }

    private void Register(IServiceCollection services, VersionStore store)
    {
        services.AddSingleton(_options).AddSingleton(_time).AddSingleton(_folder);
        services.AddSingleton(_plane).AddSingleton(_supervisor).AddSingleton(_driver).AddSingleton(_loop).AddSingleton(_hub);
        services.AddSingleton(_previews).AddSingleton(_orders).AddSingleton(store).AddSingleton(Facts);
        services
            .AddSingleton<ServiceReader>()
            .AddSingleton<AuditReader>()
            .AddSingleton<DeployChecks>()
            .AddSingleton<AdminGate>()
            .AddSingleton(all => new EventTexts(() => _driver.State, all.GetRequiredService<ServiceReader>().Status, _reports))
            .AddSingleton(all => new EventWriter(_folder.Journal, all.GetRequiredService<EventTexts>(), _time));
        services.AddSingleton(_supervisor.Logs).AddSingleton<IFlagShares>(_shares);
        services
            .AddSingleton(_board)
            .AddSingleton(_audience)
            .AddSingleton(_sources)
            .AddSingleton(_reports)
            .AddSingleton(_events)
            .AddSingleton<OfrepEvaluations>()
            .AddSingleton<OfrepEvents>();
    }

    private bool MayPreview(string token, string service) =>
        TokenBook.Judge(_driver.State.Tokens.Values, TokenSecret.Hash(token), _time.GetUtcNow(), Role.Preview, service)
        is AccessAnswer.Allowed;

    private FlagsInForce? FlagsOf(string? environment) =>
        _board.Of(environment ?? _board.DefaultEnvironment) is { } snapshot
            ? new FlagsInForce(snapshot.Environment, snapshot.Document) { Segments = _board.SegmentsOf(snapshot.Environment) }
            : null;

    private bool IsOwnPort(int port) =>
        _edge.Addresses.Any(address => address.Port == port)
        || FlagAddresses.Any(address => address.Port == port)
        || (_options.Admin is { } admin && AdminAddress.Parse(admin).Port == port);

    /// <summary>Every version that should be running: adopted when it is, started again when it is not, named when it cannot be.</summary>
    private List<SlotOrder> Wanted(ServerState state)
    {
        var orders = new List<SlotOrder>();
        foreach (var service in state.Services.Values)
        {
            foreach (var slot in Enum.GetValues<SlotName>())
            {
                if (service[slot] is not { Deployed: { } deployed, Phase: not (SlotPhase.Empty or SlotPhase.Stopping) })
                {
                    continue;
                }
                switch (_orders.OrderOf(service.Service, slot, deployed))
                {
                    case SlotOrderResult.Ready ready:
                        orders.Add(ready.Order);
                        break;
                    case SlotOrderResult.Refused { Failure: var failure }:
                        // A journal that was restored without its versions, say. Users of a live one get 503 until it is deployed again.
                        _notRunnable.Add(
                            $"{failure.Code}: {service.Service} {deployed.Version} does not run. {failure.What}: {failure.Why}"
                        );
                        break;
                }
            }
        }
        return orders;
    }

    /// <summary>A slot that was down when the last server died and is healthy now came up while nobody looked.</summary>
    private void TellWhatIsUp(string service)
    {
        foreach (var slot in Enum.GetValues<SlotName>())
        {
            if (_supervisor.Instances(service, slot).Any(instance => instance.IsHealthy))
            {
                _ = _loop.Post(service, new SlotUp(slot)).AsTask();
            }
        }
    }

    private async Task ReopenPreviewsAsync(CancellationToken ct)
    {
        foreach (var (service, state) in _driver.State.Services)
        {
            if (TrafficPlanner.PreviewSlot(state) is { } slot && state[slot].Deployed is { } deployed)
            {
                await _previews.OpenAsync(service, deployed.Manifest.Release.Preview, ct);
            }
        }
    }

    private async Task<string> MakeTokenAsync(CancellationToken ct)
    {
        var secret = TokenSecret.Of(System.Security.Cryptography.RandomNumberGenerator.GetBytes(TokenSecret.RandomBytes));
        await _loop.RecordAsync(
            "",
            new TokenCreated("first", TokenSecret.Hash(secret), "admin", null, null) { CreatedAt = _time.GetUtcNow() },
            new Origin("teal", "server"),
            ct
        );
        return secret;
    }

    private async Task EndInstancesAsync()
    {
        foreach (var service in _driver.State.Services.Keys)
        {
            foreach (var slot in Enum.GetValues<SlotName>())
            {
                await _supervisor.StopAsync(service, slot, CancellationToken.None);
            }
        }
    }
}
