using Microsoft.AspNetCore.Http;
using Teal.Analysis;

namespace Teal.Traffic.Proxying;

/// <summary>
/// The data plane of one server: holds the route table, carries every request through it and counts where each ends. Whoever publishes may
/// read back at once what is in force; whoever drains is told when nothing is inside any more.
/// </summary>
public sealed class TrafficPlane : IDisposable
{
    private readonly TrafficPlaneOptions _options;
    private readonly TimeProvider _time;
    private readonly YarpForwarder _forwarder;
    private readonly RequestPath _path;
    private readonly ITimer _sweep;

    /// <summary>Publishing is rare and one at a time; requests never take this.</summary>
    private readonly Lock _publishing = new();
    private readonly Dictionary<string, ServiceLane> _lanes = new(StringComparer.Ordinal);
    private readonly VariantLedger _variants = new();
    private volatile RouteTable _current = new(0, []);

    public TrafficPlane(TrafficPlaneOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        var forwarded = new ForwardedHeaders(options.TrustedProxies);
        _forwarder = new YarpForwarder(options.Upstream, forwarded, options.Goodbye / 2, time);
        var cohort = new CohortKey(forwarded);
        var contexts = new EdgeContext(cohort);
        var choice = new CanaryChoice(options.Flags, forwarded, cohort, contexts, time);
        var flags = new EdgeFlags(options.Flags, options.Signers, contexts, _variants, time);
        _path = new RequestPath(() => _current, choice, flags, _forwarder, time);
        _sweep = time.CreateTimer(_ => Sweep(), null, options.Sweep, options.Sweep);
    }

    /// <summary>What is in force.</summary>
    public RouteTable Current => _current;

    /// <summary>Puts the service's wish in force, whole or not at all.</summary>
    public PublishResult Publish(ServiceTraffic traffic)
    {
        HoldQueue? over;
        RouteTable next;
        lock (_publishing)
        {
            if (TrafficCheck.Refusal(traffic, _current, _options.IsOwnPort) is { } refusal)
            {
                return refusal;
            }
            var last = _current.Of(traffic.Service);
            var lane = LaneOf(traffic.Service);
            var planned = TablePlanner.Plan(traffic, last, lane);
            next = _current.With(planned);
            Replace(next, last, planned);
            lane.KeepLatenciesOf(planned);
            over = planned.Hold is null ? last?.Hold : null;
        }
        over?.Release();
        return new PublishResult.Published(next.Version);
    }

    /// <summary>Takes the service out of the table. Requests inside finish; those in a hold are shed.</summary>
    public void Remove(string service)
    {
        HoldQueue? over = null;
        lock (_publishing)
        {
            if (_current.Of(service) is { } last)
            {
                Replace(_current.Without(service), last, null);
                over = last.Hold;
            }
        }
        over?.Release();
    }

    /// <summary>
    /// Waits until nothing is inside the slot's retired doors. WebSockets and event streams are asked to end, spread over
    /// <paramref name="connections"/>; what is inside at the deadline is cut and named.
    /// </summary>
    /// <exception cref="InvalidOperationException">Users still reach the slot: draining it is a bug.</exception>
    public Task<DrainReport> DrainAsync(
        string service,
        string slot,
        TimeSpan deadline,
        TimeSpan connections,
        CancellationToken cancellationToken
    )
    {
        if (_current.Of(service)?.UserPools.Any(pool => pool.IsReached && pool.Pool.Slot == slot) == true)
        {
            throw new InvalidOperationException($"Slot {slot} of {service} has traffic and cannot be drained.");
        }
        return new Drain(Lane(service), slot, _options.Goodbye, _time).RunAsync(deadline, connections, cancellationToken);
    }

    /// <summary>After a publish with the gate held: true once nothing of before is inside any more. Only then is it held.</summary>
    public async Task<bool> HoldQuietAsync(string service, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var quiet = Task.WhenAll(Lane(service).Retired(slot: null).Select(static claims => claims.Quiet));
        try
        {
            await quiet.WaitAsync(timeout, _time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public LedgerSnapshot Ledger(string service) => Lane(service).Ledger.Snapshot();

    public VersionEvidence Evidence(string service, string version) => Lane(service).Ledger.Evidence(version);

    /// <summary>Null when no version in the table asks for the flag in this environment and none did.</summary>
    public ArmEvidence? Evidence(string environment, string flag, string variant) =>
        _variants.Find(environment, flag, variant)?.Read()
        ?? (IsAsked(environment, flag) ? new ArmEvidence(0, 0, new LatencyHistogram()) : null);

    /// <summary>Every variant that an instance was told of.</summary>
    public IReadOnlyList<VariantAnswers> Variants() =>
        [
            .. _variants
                .All.Where(static tally => tally.Text is not null)
                .Select(static tally => new VariantAnswers(tally.Environment, tally.Flag, tally.Variant, tally.Read())),
        ];

    /// <summary>The public door.</summary>
    public Task HandleAsync(HttpContext context)
    {
        if (StrictEdge.Inspect(context) is { } refusal)
        {
            return refusal.AnswerAsync(context);
        }
        var route = _current.Find(context.Request.Host.Value, context.Request.Path.Value);
        if (route is null)
        {
            return Refusals.NoRoute.AnswerAsync(context);
        }
        var preview = context.Request.Headers[HeaderRules.Preview];
        if (preview.Count > 0)
        {
            return _options.MayPreview(preview.ToString(), route.Traffic.Service)
                ? _path.CarryAsync(context, route, isPreview: true)
                : Refusals.NoPreview.AnswerAsync(context);
        }
        return route.Hold is not null && IsProbe(context.Request, route.Traffic.HealthPath)
            ? Refusals.HeldProbe.AnswerAsync(context)
            : _path.CarryAsync(context, route, isPreview: false);
    }

    /// <summary>The preview door: always to the preview pool, never in the users' ledger or evidence.</summary>
    public Task HandlePreviewAsync(HttpContext context, string service)
    {
        if (StrictEdge.Inspect(context) is { } refusal)
        {
            return refusal.AnswerAsync(context);
        }
        return _current.Of(service) is { } route
            ? _path.CarryAsync(context, route, isPreview: true)
            : Refusals.NoRoute.AnswerAsync(context);
    }

    public void Dispose()
    {
        _sweep.Dispose();
        _forwarder.Dispose();
    }

    /// <summary>The new table first, then the old doors: who finds one shut finds the newer table.</summary>
    private void Replace(RouteTable next, ServiceRoute? last, ServiceRoute? planned)
    {
        _current = next;
        if (last is null)
        {
            return;
        }
        foreach (var (slot, claims) in TablePlanner.Leaving(last, planned))
        {
            last.Lane.Remember(slot, claims);
            claims.Retire();
        }
    }

    private bool IsAsked(string environment, string flag) =>
        _current
            .Services.SelectMany(static service => service.UserPools)
            .Select(static pool => pool.Pool.Flags)
            .OfType<FlagWish>()
            .Any(wish => wish.Keys.Contains(flag) && (wish.Environment ?? _options.Flags(null)?.Environment) == environment);

    private ServiceLane Lane(string service)
    {
        lock (_publishing)
        {
            return LaneOf(service);
        }
    }

    private ServiceLane LaneOf(string service)
    {
        if (!_lanes.TryGetValue(service, out var lane))
        {
            lane = new ServiceLane();
            _lanes.Add(service, lane);
        }
        return lane;
    }

    private static bool IsProbe(HttpRequest request, string? healthPath) =>
        healthPath is not null && HttpMethods.IsGet(request.Method) && request.Path.Value == healthPath;

    private void Sweep()
    {
        ServiceLane[] lanes;
        lock (_publishing)
        {
            lanes = [.. _lanes.Values];
        }
        foreach (var lane in lanes)
        {
            Late.Stop(lane, _options.Upload, _time);
        }
        foreach (var route in _current.Services)
        {
            route.Hold?.ShedOlderThan(_time.GetTimestamp() - Late.Ticks(route.Traffic.Limits.HeldTime, _time));
        }
    }
}
