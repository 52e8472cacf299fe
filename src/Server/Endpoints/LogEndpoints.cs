using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Teal.Server.Driving;
using Teal.Server.Processes;
using Teal.Server.Views;

namespace Teal.Server.Endpoints;

/// <summary>What the instances wrote, as plain lines: <c>INSTANCE LINE</c>.</summary>
public static class LogEndpoints
{
    private const int MostLines = 10_000;

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/services/{service}/logs", LogsAsync)
            .AnswersWith("getLogs", "What the instances wrote, a line each; follow=true goes on.", "text/plain");

    private static async Task<IResult> LogsAsync(
        string service,
        string? slot,
        int? lines,
        bool? follow,
        HttpContext context,
        LogReader logs,
        ServiceReader reader,
        CancellationToken ct
    )
    {
        if (reader.Status(service) is null)
        {
            return Problems.UnknownService(service, reader.Known);
        }
        if (slot is not (null or "blue" or "green"))
        {
            return Problems.Of(400, "TEAL8209", "No such slot", $"\"{slot}\" is not one of blue, green.");
        }
        context.Response.ContentType = "text/plain; charset=utf-8";
        var most = Math.Clamp(lines ?? 100, 0, MostLines);
        foreach (var line in logs.Last(service, slot is null ? null : SlotNames.Parse(slot), most))
        {
            await WriteAsync(context, line, ct);
        }
        if (follow == true)
        {
            await context.Response.Body.FlushAsync(ct);
            await foreach (var line in logs.Follow(service, slot is null ? null : SlotNames.Parse(slot), ct))
            {
                await WriteAsync(context, line, ct);
                await context.Response.Body.FlushAsync(ct);
            }
        }
        return Results.Empty;
    }

    private static ValueTask WriteAsync(HttpContext context, LogLine line, CancellationToken ct) =>
        context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"{line.Instance} {line.Text}\n"), ct);
}
