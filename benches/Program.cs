using Teal.Bench;
using Teal.Bench.Hosts;
using Teal.Bench.Rig;

var benchmarks = new Dictionary<string, Func<Task<BenchReport>>>(StringComparer.Ordinal)
{
    ["traffic"] = TrafficBench.RunAsync,
    ["release"] = ReleaseBench.RunAsync,
    ["flags"] = FlagsBench.RunAsync,
    ["simulation"] = SimulationBench.RunAsync,
    ["verdicts"] = () => VerdictsBench.RunAsync(args.Contains("--quick")),
};

// A server under test is this program again, in a process of its own.
switch (args)
{
    case ["flag-host", var ofrep, var flagd, var every]:
        await FlagHost.RunAsync(ofrep, flagd, double.TryParse(every, out var pause) ? TimeSpan.FromMilliseconds(pause) : null);
        return 0;
    case ["empty-host", var empty]:
        await EmptyHost.RunAsync(empty);
        return 0;
}

// A proxy under test is this program again, in a process of its own.
if (args is ["host", var kind, var listen, var upstream])
{
    await (kind == "yarp" ? YarpHost.RunAsync(listen, upstream) : TealHost.RunAsync(listen, upstream));
    return 0;
}
string[] asked = [.. args.Where(argument => argument != "--quick")];
var names = asked.Length == 0 ? [.. benchmarks.Keys] : asked;
if (names.FirstOrDefault(name => !benchmarks.ContainsKey(name)) is { } unknown)
{
    Console.Error.WriteLine($"bench: there is no '{unknown}'; there are {string.Join(", ", benchmarks.Keys)}");
    return 2;
}
Console.CancelKeyPress += static (_, _) => Child.EndAll();
try
{
    foreach (var name in names)
    {
        var report = await benchmarks[name]();
        report.Print();
        report.Write();
    }
    return 0;
}
catch (Exception e)
{
    Console.Error.WriteLine($"bench: {e.Message}");
    return 1;
}
finally
{
    Child.EndAll();
}
