using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Shoppers;

const string usage = """
    Shoppers URL [--seconds N] [--visitors N] [--strangers N] [--uploaders N] [--chatters N] [--listeners N]
                 [--think-ms N] [--seed N] [--orders FILE] [--report FILE] [--strict]
        keeps traffic on a shop until the time is over or Ctrl-C; prints what users saw.
        --report writes it as JSON too; --strict ends with 1 when something failed.
    Shoppers check --orders FILE --database FILE
        every acknowledged order is in the shop's database exactly once, or it ends with 1.
    """;

try
{
    return args switch
    {
        ["check", .. var rest] => Check(Options.Read(rest, ["--orders", "--database"], [])),
        [var url, .. var rest] when Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" =>
            await ShopAsync(new Uri(url), rest),
        _ => throw new FormatException("an address is missing"),
    };
}
catch (FormatException e)
{
    Console.Error.WriteLine($"shoppers: {e.Message}\n{usage}");
    return 2;
}

static int Check(Options options)
{
    var answer = OrdersCheck.Compare(options.Required("--orders"), options.Required("--database"));
    Console.WriteLine(
        $"{answer.Acknowledged} orders acknowledged, {answer.Stored} in the database: {answer.Lost} lost, {answer.Doubled} doubled"
            + (answer.Strange > 0 ? $", {answer.Strange} that were refused or never sent" : "")
            + (answer.Refused + answer.Unknown > 0 ? $" ({answer.Refused} refused, {answer.Unknown} without an answer)" : "")
    );
    return answer.IsWhole ? 0 : 1;
}

static async Task<int> ShopAsync(Uri url, string[] rest)
{
    string[] numbers =
    [
        "--seconds",
        "--visitors",
        "--strangers",
        "--uploaders",
        "--chatters",
        "--listeners",
        "--think-ms",
        "--slow-ms",
        "--seed",
    ];
    var options = Options.Read(rest, [.. numbers, "--orders", "--report"], ["--strict"]);
    var plan = new ShoppersOptions { Url = url };
    plan = plan with
    {
        Duration = options.Number("--seconds") is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        Visitors = options.Number("--visitors") ?? plan.Visitors,
        Strangers = options.Number("--strangers") ?? plan.Strangers,
        Uploaders = options.Number("--uploaders") ?? plan.Uploaders,
        Chatters = options.Number("--chatters") ?? plan.Chatters,
        Listeners = options.Number("--listeners") ?? plan.Listeners,
        Think = options.Number("--think-ms") is { } ms ? TimeSpan.FromMilliseconds(ms) : plan.Think,
        Slow = options.Number("--slow-ms") is { } slow ? TimeSpan.FromMilliseconds(slow) : plan.Slow,
        Seed = options.Number("--seed") ?? plan.Seed,
        OrdersFile = options.Text("--orders"),
    };
    using var stop = new CancellationTokenSource();
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    await using var run = ShoppersRun.Start(plan);
    var report = await run.WaitAsync(stop.Token);
    Print(report);
    if (options.Text("--report") is { } file)
    {
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(report, ReportJson.Default.ShoppersReport));
    }
    return options.Has("--strict") && !report.IsWhole ? 1 : 0;

    void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        stop.Cancel();
    }
}

static void Print(ShoppersReport report)
{
    Console.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"{report.Requests} requests in {report.Seconds:0.0} s: ")
            + $"{report.Failed + report.Resets} failed requests ({report.Resets} of them reset), {report.AppErrors} errors from the shop itself"
    );
    foreach (var (kind, count) in report.Kinds.OrderBy(pair => pair.Key, StringComparer.Ordinal))
    {
        Console.WriteLine(
            $"  {kind, -10} {count.Ok, 7} ok {count.AppErrors, 5} app errors {count.Failed, 5} failed {count.Resets, 5} reset"
        );
    }
    Console.WriteLine("  answered by " + string.Join(", ", report.Versions.Select(version => $"{version.Key}: {version.Value.Answers}")));
    Console.WriteLine(
        $"  orders      {report.Orders.Acknowledged} acknowledged, {report.Orders.Refused} refused, {report.Orders.Unknown} unknown"
    );
    Console.WriteLine(
        $"  websocket   {report.Messages} messages, {report.MessagesLost} lost; events {report.Ticks} ticks, {report.TicksMissed} missed;"
            + $" {report.Reconnects} times connected again when asked"
    );
    foreach (var (reason, count) in report.Reasons.OrderByDescending(pair => pair.Value))
    {
        Console.WriteLine($"  {count} x {reason}");
    }
}
