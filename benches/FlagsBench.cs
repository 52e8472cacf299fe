using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.FeatureManagement;
using Microsoft.FeatureManagement.FeatureFilters;
using Teal.Bench.Rig;
using Teal.Flags;
using Teal.Server;
using Teal.Server.Flags;

namespace Teal.Bench;

/// <summary>
/// One evaluation of the same two flags by Teal, by Microsoft.FeatureManagement and by npm's flagd-core: the fastest of interleaved
/// rounds, since whatever else runs on the machine only ever adds.
/// </summary>
internal static class FlagsBench
{
    private const int Rounds = 15;
    private const int Evaluations = 1_000_000;
    private const int ManyFlags = 10_000;
    private const string User = "user-1234";

    private const string Document = """
        {"flags":{
          "static":{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"on"},
          "targeted":{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"off","targeting":
            {"if":[{"==":[{"var":"plan"},"gold"]},{"fractional":[{"cat":["targeted",{"var":"targetingKey"}]},["on",25],["off",75]]},"off"]}}}}
        """;

    private const string Features = """
        {"feature_management":{"feature_flags":[
          {"id":"static","enabled":true},
          {"id":"targeted","enabled":true,"conditions":{"client_filters":[
            {"name":"Microsoft.Targeting","parameters":{"Audience":{"Groups":[{"Name":"gold","RolloutPercentage":25}],"DefaultRolloutPercentage":0}}}]}}]}}
        """;

    private const string Context = $$"""{"targetingKey":"{{User}}","plan":"gold","country":"de","age":33}""";

    private static readonly DateTimeOffset _now = DateTimeOffset.FromUnixTimeSeconds(1_750_000_000);

    private sealed record Speed(double StaticNs, double TargetedNs, double BytesPerEvaluation);

    public static async Task<BenchReport> RunAsync()
    {
        var teal = await TealAsync();
        var managed = await FeatureManagementAsync();
        var node = await FlagdCoreAsync();
        var parsed = ParseMilliseconds();
        var largest = LargestContextMilliseconds();
        var changed = ChangeMilliseconds();
        var perSecond = 1e9 / teal.TargetedNs / 1e6;
        List<JsonObject> rows =
        [
            Row("teal", teal.StaticNs, teal.TargetedNs, teal.BytesPerEvaluation, teal),
            Row("Microsoft.FeatureManagement", managed.StaticNs, managed.TargetedNs, managed.BytesPerEvaluation, teal),
            Row("npm flagd-core", node.StaticNs, node.TargetedNs, null, teal),
        ];
        var (served, servedGoals) = await FlagServingBench.MeasureAsync();
        return new BenchReport(
            "flags",
            [.. rows, .. EdgeFlagBench.Rows(), .. served],
            [
                new Goal("static evaluation, ns", "at most 10", Math.Round(teal.StaticNs, 1), teal.StaticNs <= 10),
                new Goal("targeting with fractional, ns", "at most 60", Math.Round(teal.TargetedNs, 1), teal.TargetedNs <= 60),
                new Goal("allocated per evaluation, bytes", "0", teal.BytesPerEvaluation, teal.BytesPerEvaluation == 0),
                new Goal("targeted evaluations per second on one core, millions", "more than 15", Math.Round(perSecond, 1), perSecond > 15),
                new Goal("parsing 10,000 flags, ms", "less than 200", Math.Round(parsed, 1), parsed < 200),
                new Goal("one change among 10,000 flags, ms of processor", "less than 50", Math.Round(changed, 1), changed < 50),
                new Goal("reading and answering a context of 64 KiB, ms", "less than 5", Math.Round(largest, 2), largest < 5),
                .. servedGoals,
            ]
        );
    }

    private static async Task<Speed> TealAsync()
    {
        var document = Read(Encoding.UTF8.GetBytes(Document));
        var context = ReadContext(Encoding.UTF8.GetBytes(Context));
        var (fixedNs, fixedBytes) = await BestAsync(() => ValueTask.FromResult(Evaluate(document, "static", context)));
        var (targetedNs, targetedBytes) = await BestAsync(() => ValueTask.FromResult(Evaluate(document, "targeted", context)));
        return new Speed(fixedNs, targetedNs, (fixedBytes + targetedBytes) / 2);
    }

    private static int Evaluate(FlagDocument document, string key, EvaluationContext context)
    {
        var on = 0;
        for (var i = 0; i < Evaluations; i++)
        {
            on += document.Evaluate(key, context, _now, ExpectedType.Boolean).Value.AsBoolean ? 1 : 0;
        }
        return on;
    }

    private static async Task<Speed> FeatureManagementAsync()
    {
        using var json = new MemoryStream(Encoding.UTF8.GetBytes(Features));
        var configuration = new ConfigurationBuilder().AddJsonStream(json).Build();
        var definitions = new ConfigurationFeatureDefinitionProvider(configuration);
        var manager = new FeatureManager(definitions) { FeatureFilters = [new ContextualTargetingFilter()] };
        var user = new TargetingContext { UserId = User, Groups = ["gold"] };
        if (!await manager.IsEnabledAsync("static"))
        {
            throw new InvalidOperationException("Microsoft.FeatureManagement does not see the flags.");
        }
        // Its tasks are complete when they come back: nothing here waits, or changes its thread.
        var (fixedNs, fixedBytes) = await BestAsync(() => CountAsync(() => manager.IsEnabledAsync("static")), scale: 10);
        var (targetedNs, targetedBytes) = await BestAsync(() => CountAsync(() => manager.IsEnabledAsync("targeted", user)), scale: 10);
        return new Speed(fixedNs, targetedNs, (fixedBytes + targetedBytes) / 2);
    }

    private static async ValueTask<int> CountAsync(Func<Task<bool>> evaluate)
    {
        var on = 0;
        for (var i = 0; i < Evaluations / 10; i++)
        {
            on += await evaluate() ? 1 : 0;
        }
        return on;
    }

    /// <param name="scale">By how much fewer evaluations one run makes.</param>
    private static async Task<(double Nanoseconds, double Bytes)> BestAsync(Func<ValueTask<int>> run, int scale = 1)
    {
        var (best, bytes, on) = (double.MaxValue, 0.0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            on += await run();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds * scale / Evaluations);
            bytes = (double)(GC.GetAllocatedBytesForCurrentThread() - before) * scale / Evaluations;
        }
        return on >= 0 ? (best, Math.Round(bytes, 1)) : default;
    }

    private static async Task<(double StaticNs, double TargetedNs)> FlagdCoreAsync()
    {
        var folder = Path.Combine(Machine.Root, "tests", "node");
        var (installed, said) = await Child.RunAsync(null, "npm", "--prefix", folder, "ci", "--no-audit", "--no-fund", "--ignore-scripts");
        if (installed != 0)
        {
            throw new InvalidOperationException($"npm ci ended with {installed}:\n{said}");
        }
        var start = new ProcessStartInfo("node", [Path.Combine(folder, "flagd-bench.mjs")])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var node = Process.Start(start)!;
        await node.StandardInput.WriteAsync($$"""{"document":{{Document}},"context":{{Context}},"flags":["static","targeted"]}""");
        node.StandardInput.Close();
        var answer = JsonElement.Parse(await node.StandardOutput.ReadToEndAsync());
        await node.WaitForExitAsync();
        return (answer.GetProperty("static").GetDouble(), answer.GetProperty("targeted").GetDouble());
    }

    private static double ParseMilliseconds()
    {
        var flags = Enumerable
            .Range(0, ManyFlags)
            .Select(static i =>
                $$$"""
                    "flag-{{{i}}}":{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"off","targeting":{"if":[
                    {"in":[{"var":"plan"},["gold","silver"]]},{"fractional":[{"cat":["flag-{{{i}}}",{"var":"targetingKey"}]},["on",10],["off",90]]},"off"]}}
                    """
            );
        var document = Encoding.UTF8.GetBytes($"{{\"flags\":{{{string.Join(',', flags)}}}}}");
        return Median(() => Read(document).Flags.Count);
    }

    /// <summary>From the command to what is served: the next set, checked, compiled and put up.</summary>
    private static double ChangeMilliseconds()
    {
        var set = new FlagSet
        {
            Flags = Enumerable.Range(0, ManyFlags).Select(static i => Targeted($"flag-{i}")).ToDictionary(static flag => flag.Key),
        };
        var publisher = new FlagPublisher(new FlagBoard(TimeProvider.System), NullLogger<FlagPublisher>.Instance);
        publisher.Follow(With(set));
        var spent = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var before = Process.GetCurrentProcess().TotalProcessorTime;
            var change = new FlagChange.SetOtherwise($"flag-{round * 7}", "production", new Serve.One("on"), null);
            set = FlagChanger.Apply(set, change, _now).Set ?? throw new InvalidOperationException("The change was refused.");
            publisher.Follow(With(set));
            spent.Add((Process.GetCurrentProcess().TotalProcessorTime - before).TotalMilliseconds);
        }
        return Machine.Median([.. spent]);

        static ServerState With(FlagSet set) => ServerState.Empty with { Flags = FlagBook.Empty with { Set = set } };
    }

    private static Flag Targeted(string key)
    {
        var gold = new Condition.Attribute("plan", Test.In, [VariantValue.Of("gold"), VariantValue.Of("silver")]);
        var split = new Serve.Split([new Slice("on", new Share(1_000)), new Slice("off", new Share(9_000))]);
        return new Flag
        {
            Key = key,
            Type = FlagType.Bool,
            Owner = "shop",
            Salt = key,
            Variants = [new("on", VariantValue.True), new("off", VariantValue.False)],
            Environments = new Dictionary<string, Targeting>
            {
                ["production"] = new()
                {
                    Off = "off",
                    Otherwise = new Serve.One("off"),
                    Rules = [new Rule("gold", gold, split)],
                },
            },
        };
    }

    private static double LargestContextMilliseconds()
    {
        var list = string.Join(',', Enumerable.Repeat("1", (60 * 1024) / 2));
        var context = Encoding.UTF8.GetBytes($"{{\"targetingKey\":\"me\",\"list\":[{list}]}}");
        var document = Read(
            """{"flags":{"f":{"state":"ENABLED","variants":{"on":true},"targeting":{"if":[{"some":[{"var":"list"},{"==":[{"var":""},2]}]},"on"]}}}}"""u8
        );
        return Median(() => (int)document.Evaluate("f", ReadContext(context), _now).Reason);
    }

    private static double Median(Func<int> run) =>
        Machine.Median([
            .. Enumerable
                .Range(0, Rounds)
                .Select(_ =>
                {
                    var start = Stopwatch.GetTimestamp();
                    _ = run();
                    return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                }),
        ]);

    private static FlagDocument Read(ReadOnlySpan<byte> utf8) =>
        FlagDocument.TryRead(utf8, DocumentLimits.Usual, out var document, out var fault)
            ? document
            : throw new InvalidOperationException(fault.ToString());

    private static EvaluationContext ReadContext(ReadOnlySpan<byte> utf8) =>
        EvaluationContext.TryParse(utf8, ContextLimits.Usual, out var context, out var fault)
            ? context
            : throw new InvalidOperationException(fault.Message);

    private static JsonObject Row(string who, double fixedNs, double targetedNs, double? bytes, Speed teal) =>
        new()
        {
            ["engine"] = who,
            ["static_ns"] = Math.Round(fixedNs, 1),
            ["targeted_ns"] = Math.Round(targetedNs, 1),
            ["bytes"] = bytes,
            ["static_ratio"] = Ratio(fixedNs / teal.StaticNs),
            ["targeted_ratio"] = Ratio(targetedNs / teal.TargetedNs),
        };

    private static string Ratio(double ratio) => ratio.ToString("0.0", CultureInfo.InvariantCulture) + "x";
}
