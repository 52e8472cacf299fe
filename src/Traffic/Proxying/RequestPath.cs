using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Teal.Traffic.Proxying;

/// <summary>The way of one request: table, gate, share, claim, forward, evidence, leave.</summary>
internal sealed class RequestPath(Func<RouteTable> current, CanaryChoice choice, EdgeFlags flags, IForwarder forwarder, TimeProvider time)
{
    /// <summary>Each further read is because a newer table exists; so many publishes during one request are a bug.</summary>
    private const int MostReads = 1000;

    /// <summary>Instances asked for one request.</summary>
    private const int MostTries = 3;

    public async Task CarryAsync(HttpContext context, ServiceRoute route, bool isPreview)
    {
        var lane = route.Lane;
        var ledger = isPreview ? lane.PreviewLedger : lane.Ledger;
        var passage = ledger.Accept(context.Request.Method, context.Request.Path.Value ?? "/", time.GetTimestamp());
        var ending = default(Ending);
        InstanceClaims? inside = null;
        try
        {
            (ending, inside) = await PassAsync(context, route.Traffic.Service, passage, isPreview);
            if (ending.Answer is { } answer)
            {
                await answer.AnswerAsync(context);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException && ending.Outcome.Kind != OutcomeKind.None)
        {
            // The client left while Teal's own answer was written; the request's outcome is known already.
        }
        finally
        {
            Leave(passage, ending.Outcome);
            inside?.Leave();
        }
    }

    // Pooled builders here and below: a forwarded request waits, and its state would be allocated each time.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(Ending Ending, InstanceClaims? Inside)> PassAsync(
        HttpContext context,
        string service,
        Passage passage,
        bool isPreview
    )
    {
        var tries = new Tries();
        for (var reads = 0; reads < MostReads; reads++)
        {
            if (current().Of(service) is not { } route)
            {
                return (Ending.Shed("removed", Refusals.Removed), null);
            }
            if (!isPreview && route.Traffic.Gate != TrafficGate.Open)
            {
                if (await WaitAsync(context, route) is { } refused)
                {
                    return (refused, null);
                }
                continue;
            }
            if (TooLarge(context, route.Traffic.Limits))
            {
                return (Ending.Shed("too_large", Refusals.TooLarge), null);
            }
            var pool = isPreview ? route.Preview : PoolOf(context, route, passage);
            if (pool is null)
            {
                return (Ending.Shed("no_version", isPreview ? Refusals.NothingToPreview : Refusals.NoVersion), null);
            }
            var instance = tries.Next(pool);
            if (!instance.Claims.TryEnter())
            {
                // Retired after we read the table, so a newer one exists: read again.
                continue;
            }
            if (pool.Pool.Flags is { } wish)
            {
                flags.Evaluate(context, route.Traffic, wish, passage, isCounted: !isPreview);
            }
            var end = await ForwardAsync(context, route, pool, instance, passage);
            if (!MayTryAgain(end, context, passage) || tries.Count >= MostTries)
            {
                return (EndingOf(end, context, passage), instance.Claims);
            }
            passage.Stripe.Unclaim(passage);
            instance.Claims.Leave();
            context.Response.Clear();
        }
        throw new InvalidOperationException($"A request read {MostReads} route tables.");
    }

    private PoolRoute? PoolOf(HttpContext context, ServiceRoute route, Passage passage) =>
        route.Canary is { IsReached: true } canary && choice.PicksCanary(context, route.Traffic, passage) ? canary : route.Main;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ForwardEnd> ForwardAsync(
        HttpContext context,
        ServiceRoute route,
        PoolRoute pool,
        InstanceRoute instance,
        Passage passage
    )
    {
        try
        {
            passage.Stripe.Claim(passage, instance.Claims, pool.Tally);
            passage.AnswerLimit = route.Traffic.Limits.Answer;
            passage.ProgressAt = time.GetTimestamp();
            passage.IsForwarding = true;
            return await forwarder.ForwardAsync(context, passage, instance, pool.Pool.IsHttp2);
        }
        catch
        {
            instance.Claims.Leave();
            throw;
        }
    }

    /// <summary>Null: read the table again.</summary>
    private async ValueTask<Ending?> WaitAsync(HttpContext context, ServiceRoute route)
    {
        if (route.Hold is not { } hold)
        {
            return Ending.Shed("maintenance", Refusals.Maintenance);
        }
        if (hold.TryJoin(time.GetTimestamp()) is not { } request)
        {
            return null;
        }
        await using var gone = context.RequestAborted.UnsafeRegister(_ => hold.Leave(request), null);
        return await request.Ended switch
        {
            HoldEnd.Overflow => Ending.Shed("hold_overflow", Refusals.HoldOverflow),
            HoldEnd.TooOld => Ending.Shed("hold_too_old", Refusals.HoldTooOld),
            HoldEnd.Gone => new Ending(new Outcome(OutcomeKind.ClientGone), null),
            _ => null,
        };
    }

    private static bool TooLarge(HttpContext context, TrafficLimits limits)
    {
        if (context.Request.ContentLength > limits.BodyBytes)
        {
            return true;
        }
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = limits.BodyBytes;
        }
        return false;
    }

    private static bool MayTryAgain(ForwardEnd end, HttpContext context, Passage passage)
    {
        if (context.Response.HasStarted || passage.Stop != PassageStop.None)
        {
            return false;
        }
        return end == ForwardEnd.Unsent || (end == ForwardEnd.NoAnswer && !passage.IsBodyTouched && IsRepeatable(context.Request));
    }

    /// <summary>RFC 9110, 9.2.2, or the client's own word.</summary>
    private static bool IsRepeatable(HttpRequest request) =>
        request.Method is "GET" or "HEAD" or "OPTIONS" or "PUT" or "DELETE" or "PROPFIND" or "REPORT" or "SEARCH" or "QUERY"
        || request.Headers.ContainsKey("Idempotency-Key");

    private static Ending EndingOf(ForwardEnd end, HttpContext context, Passage passage) =>
        end switch
        {
            ForwardEnd.Answered => new(new Outcome(OutcomeKind.Served, IsError: context.Response.StatusCode >= 500), null),
            ForwardEnd.Unsent => new(Failed, Refusals.Unreachable),
            ForwardEnd.NoAnswer => new(Failed, Refusals.NoAnswer),
            ForwardEnd.BrokenOff => new(Failed, context.Response.HasStarted ? null : Refusals.NoAnswer),
            ForwardEnd.BadBody => OfBody(context.Response.StatusCode),
            ForwardEnd.Stopped => OfStop(passage.Stop),
            _ => new(new Outcome(OutcomeKind.ClientGone), null),
        };

    private static Ending OfBody(int status) =>
        status switch
        {
            413 => Ending.Shed("too_large", Refusals.TooLarge),
            408 => Ending.Shed("slow_upload", Refusals.SlowUpload),
            _ => Ending.Shed("bad_body", Refusals.BadBody),
        };

    private static Ending OfStop(PassageStop stop) =>
        stop switch
        {
            PassageStop.Cut => new(new Outcome(OutcomeKind.Cut), Refusals.Cut),
            PassageStop.AnswerTooLate => new(Failed, Refusals.TooLate),
            _ => Ending.Shed("slow_upload", Refusals.SlowUpload),
        };

    private static readonly Outcome Failed = new(OutcomeKind.Failed, IsError: true);

    private void Leave(Passage passage, Outcome outcome)
    {
        var now = time.GetTimestamp();
        double? latency =
            passage.HeadAt == 0 || passage.LongLived is not null
                ? null
                : time.GetElapsedTime(passage.StartedAt, passage.HeadAt).TotalMilliseconds;
        foreach (var variant in passage.Variants)
        {
            variant.Count(outcome, latency);
        }
        passage.Stripe.Leave(passage, outcome, latency, time.GetElapsedTime(passage.StartedAt, now));
    }

    /// <param name="Answer">To be written by Teal; null when the client has its answer or is gone.</param>
    private readonly record struct Ending(Outcome Outcome, Refusal? Answer)
    {
        public static Ending Shed(string reason, Refusal answer) => new(Outcome.Shed(reason), answer);
    }

    /// <summary>The instances that a request was sent to.</summary>
    private struct Tries
    {
        private VersionPool? _pool;
        private uint _tried;

        public int Count { get; private set; }

        public InstanceRoute Next(PoolRoute pool)
        {
            if (!ReferenceEquals(_pool, pool.Pool))
            {
                _pool = pool.Pool;
                _tried = 0;
            }
            var index = pool.Choose(_tried);
            if (index < 0)
            {
                // All were asked: the first again, whose idle connection may just have been closed.
                _tried = 0;
                index = pool.Choose(_tried);
            }
            _tried |= 1u << index;
            Count++;
            return pool.Instances[index];
        }
    }
}
