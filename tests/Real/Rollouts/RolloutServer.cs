using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Teal.Analysis;
using Teal.Releases;
using Teal.Server;
using Teal.Server.Driving;
using Teal.Server.Endpoints;
using Teal.Server.Flags.Clients;
using Teal.Server.Journal;
using Teal.Server.Monitoring;
using Teal.Server.Views;
using Teal.Wire;

namespace Teal.Tests.Real.Rollouts;

/// <summary>The rollouts' part of a server on a unix socket: the real endpoints, driver, journal and world over flags in memory.</summary>
internal sealed class RolloutServer : IAsyncDisposable
{
    private readonly SqliteJournal _journal;
    private readonly RolloutWorld _world;
    private readonly DriverLoop _loop;
    private readonly PastSampler _sampler;
    private readonly CancellationTokenSource _stopping = new();
    private readonly WebApplication _app;
    private readonly EventHub _hub = new();
    private Task _sampling = Task.CompletedTask;

    private RolloutServer(string folder, MemoryFlags flags)
    {
        _journal = SqliteJournal.Open(Path.Combine(folder, "journal.db"));
        var past = new RecentPast();
        var variants = new VariantSources([new VariantSource("seen at the edge", flags)]);
        _world = new RolloutWorld(flags, variants, past, TimeProvider.System, NullLogger<RolloutWorld>.Instance);
        var driver = new ReleaseDriver(_journal, new NoServices(), _world, TimeProvider.System);
        driver.Appended = (entry, _) => _hub.Publish(entry);
        _loop = new DriverLoop(driver, TimeProvider.System);
        _sampler = new PastSampler(new NoServices(), variants, past, () => _loop.State, TimeProvider.System);
        _world.Connect((key, happened) => _ = _loop.Post(key, happened).AsTask());
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var socket = Path.Combine(folder, "teal.sock");
        // A server that was stopped at once may have left it.
        File.Delete(socket);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(socket));
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, WireJson.Default);
            json.SerializerOptions.PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.SnakeCaseLower;
        });
        builder.Services.AddSingleton(_loop).AddSingleton<IFlagShares>(flags);
        var reports = new RolloutReports(() => _loop.State.Rollouts, TimeProvider.System);
        var texts = new EventTexts(() => _loop.State, static _ => null, reports);
        builder.Services.AddSingleton(reports).AddSingleton(_hub);
        builder.Services.AddSingleton(new EventWriter(Path.Combine(folder, "journal.db"), texts, TimeProvider.System));
        _app = builder.Build();
        var api = _app.MapGroup("/api/v1");
        RolloutEndpoints.Map(api);
        EventEndpoints.Map(api);
    }

    public static async Task<RolloutServer> StartAsync(string folder, MemoryFlags flags)
    {
        var server = new RolloutServer(folder, flags);
        server._loop.Start();
        server._sampling = server._sampler.RunAsync(server._stopping.Token);
        await server._app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        _hub.Close();
        using var atOnce = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
        await _stopping.CancelAsync();
        await _sampling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
        await _world.DisposeAsync();
        await _loop.DisposeAsync();
        _journal.Dispose();
    }

    private sealed class NoServices : IReleaseWorld, IEvidenceSource
    {
        public ArmEvidence? Read(string service, SlotName slot) => null;

        public void Begin(string service, OutstandingEffect effect) => throw new NotSupportedException();

        public void Cancel(string service, long effect) => throw new NotSupportedException();

        public void Follow(ServerState state) { }
    }
}
