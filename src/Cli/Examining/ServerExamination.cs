using System.Net;
using System.Net.NetworkInformation;
using Teal.Cli.Showing;
using Teal.Wire;

namespace Teal.Cli.Examining;

/// <summary>Does the server answer, and are its ports its own?</summary>
/// <param name="Pids">Of the instances that the server knows.</param>
internal sealed record ServerExamination(bool IsReachable, IReadOnlyList<CheckView> Checks, IReadOnlySet<int> Pids)
{
    private const int DefaultPort = 8080;

    public static async Task<ServerExamination> OfAsync(Desk desk, CancellationToken stop)
    {
        try
        {
            var server = await desk.Api.GetAsync("api/v1/server", WireJson.Default.ServerView, stop);
            var services = await desk.Api.GetAsync("api/v1/services", WireJson.Default.ServicesView, stop);
            return Reachable(desk, server, services);
        }
        catch (CliException failure) when (failure.Exit != ExitCode.Usage)
        {
            var check = Check.Warn("server", $"{failure.What} {failure.Why}", failure.Next is [var next, ..] ? next : "teal server run");
            return new ServerExamination(false, [check, FreePort()], new HashSet<int>());
        }
    }

    private static ServerExamination Reachable(Desk desk, ServerView server, ServicesView services)
    {
        var instances = services.Services.SelectMany(service => service.Slots).SelectMany(slot => slot.Instances);
        var answers = Check.Ok(
            "server",
            $"teal {server.Teal} answers at {desk.Address}, pid {server.Pid}, {StatusText.Bytes(server.MemoryBytes)}, journal {StatusText.Bytes(server.JournalBytes)}"
        );
        return new ServerExamination(
            true,
            [answers, .. server.Listen.Select(Bound)],
            instances.Select(instance => instance.Pid).ToHashSet()
        );
    }

    private static CheckView Bound(string listen) =>
        PortOf(listen) is { } port && !Listening().Contains(port)
            ? Check.Fail("port", $"nothing listens on {listen}, though the server should", "look at the server's output, and restart it")
            : Check.Ok("port", $"{listen} is bound");

    private static CheckView FreePort() =>
        Listening().Contains(DefaultPort)
            ? Check.Warn(
                "port",
                $"{DefaultPort}, the default for users' requests, is taken by another program",
                "teal server run --listen http://*:PORT"
            )
            : Check.Ok("port", $"{DefaultPort} is free");

    private static HashSet<int> Listening() =>
        [.. IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select((IPEndPoint listener) => listener.Port)];

    private static int? PortOf(string url)
    {
        var colon = url.LastIndexOf(':');
        return colon >= 0 && int.TryParse(url.AsSpan(colon + 1).TrimEnd('/'), out var port) && port > 0 ? port : null;
    }
}
