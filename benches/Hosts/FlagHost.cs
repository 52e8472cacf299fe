using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Teal.Flags;
using Teal.Releases.Rollouts;
using Teal.Server;
using Teal.Server.Access;
using Teal.Server.Flags;
using Teal.Server.Flags.Clients;

namespace Teal.Bench.Hosts;

/// <summary>The ports for flags over a board of a hundred flags, with one key. Asked to, it changes them at a steady pace.</summary>
internal static class FlagHost
{
    /// <summary>A key of nobody's: it is good in this process only.</summary>
    public static readonly string Key = TokenSecret.Of(new byte[TokenSecret.RandomBytes]);

    /// <param name="changeEvery">Null: never. Each state is tagged with the time at which it was shown, by the clock that all processes share.</param>
    public static async Task RunAsync(string ofrep, string flagd, TimeSpan? changeEvery)
    {
        var tokens = ImmutableSortedDictionary<string, TokenCreated>.Empty.Add(
            "bench",
            new TokenCreated("bench", TokenSecret.Hash(Key), "sdk", null, null, "production")
        );
        var board = new FlagBoard(TimeProvider.System);
        var audience = new FlagAudience(board, new SdkKeys(() => tokens, TimeProvider.System));
        var reports = new RolloutReports(static () => ImmutableSortedDictionary<string, RolloutState>.Empty, TimeProvider.System);
        Show(board, 1);
        await using var ports = FlagPorts.Build(
            new FlagPortOptions(ofrep, [], flagd) { MostRequestsASecond = int.MaxValue },
            new FlagPortParts(board, audience, reports, new ClientEvents(reports, TimeProvider.System)),
            TimeProvider.System
        );
        await ports.StartAsync(CancellationToken.None);
        using var stop = new CancellationTokenSource();
        using var terminate = System.Runtime.InteropServices.PosixSignalRegistration.Create(
            System.Runtime.InteropServices.PosixSignal.SIGTERM,
            context =>
            {
                context.Cancel = true;
                stop.Cancel();
            }
        );
        try
        {
            for (var revision = 2L; ; revision++)
            {
                await Task.Delay(changeEvery ?? Timeout.InfiniteTimeSpan, stop.Token);
                Show(board, revision);
            }
        }
        catch (OperationCanceledException)
        {
            board.Close();
            await ports.StopAsync();
        }
    }

    private static void Show(FlagBoard board, long revision)
    {
        var shownAt = Stopwatch.GetTimestamp().ToString(CultureInfo.InvariantCulture);
        var flags = Enumerable
            .Range(0, 100)
            .Select(number =>
                $$$"""
                    "flag-{{{number}}}": {
                      "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": "off",
                      "targeting": { "if": [{ "==": [{ "var": "plan" }, "gold"] },
                        { "fractional": [{ "cat": ["salt-{{{number}}}", { "var": "targetingKey" }] }, ["on", 50], ["off", 50]] }, "off"] }
                    }
                    """
            );
        var json = Encoding.UTF8.GetBytes($$$"""{"flags":{ {{{string.Join(',', flags)}}} },"metadata":{"shownAt":"{{{shownAt}}}"}}""");
        if (!FlagDocument.TryRead(json, DocumentLimits.Usual, out var document, out var fault))
        {
            throw new InvalidOperationException(fault.ToString());
        }
        board.PutUp([new FlagSnapshot("production", revision, document, json, shownAt)], "production");
    }
}
