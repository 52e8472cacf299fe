using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Teal.Flags;
using Teal.Traffic;
using Teal.Traffic.Proxying;

namespace Teal.Bench;

/// <summary>What two flags cost a request at the edge: context, evaluation, the header's text and, where asked, its signature.</summary>
internal static class EdgeFlagBench
{
    private const int Rounds = 15;
    private const int Requests = 100_000;

    private const string Flags = """
        {"flags":{
          "checkout":{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"off","targeting":
            {"fractional":[{"cat":["checkout",{"var":"targetingKey"}]},["on",25],["off",75]]}},
          "banner":{"state":"ENABLED","variants":{"red":1,"gold":2},"defaultVariant":"red","targeting":
            {"if":[{"==":[{"var":"plan"},"gold"]},"gold",null]}}}}
        """;

    public static IEnumerable<JsonObject> Rows()
    {
        if (!FlagDocument.TryRead(Encoding.UTF8.GetBytes(Flags), DocumentLimits.Usual, out var document, out var fault))
        {
            throw new InvalidOperationException(fault.ToString());
        }
        var signer = FlagSigner.Of("shop", [new byte[32]]);
        var cohort = new CohortKey(new ForwardedHeaders([]));
        var edge = new EdgeFlags(
            _ => new FlagsInForce("production", document),
            _ => signer,
            new EdgeContext(cohort),
            new VariantLedger(),
            TimeProvider.System
        );
        yield return Row(edge, "edge, 2 flags", isSigned: false);
        yield return Row(edge, "edge, 2 flags, signed", isSigned: true);
    }

    private static JsonObject Row(EdgeFlags edge, string name, bool isSigned)
    {
        var wish = new FlagWish(["checkout", "banner"], null, [new FlagAttribute("plan", new IdentitySource.Header("x-plan"))])
        {
            IsSigned = isSigned,
        };
        var traffic = new ServiceTraffic(
            "shop",
            [],
            TrafficGate.Open,
            null,
            null,
            Share.None,
            null,
            [],
            [new IdentitySource.Header("x-user")],
            "shop-1",
            new TrafficLimits(0, TimeSpan.FromSeconds(1), 0, TimeSpan.Zero)
        );
        var context = new DefaultHttpContext();
        context.Request.Headers["x-user"] = "user-1234";
        context.Request.Headers["x-plan"] = "gold";
        var passage = new Passage();
        var (best, bytes) = (double.MaxValue, 0L);
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < Requests; i++)
            {
                edge.Evaluate(context, traffic, wish, passage, isCounted: true);
            }
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / Requests);
            bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / Requests;
        }
        return new JsonObject
        {
            ["edge"] = name,
            ["ns_per_request"] = Math.Round(best),
            ["bytes"] = bytes,
        };
    }
}
