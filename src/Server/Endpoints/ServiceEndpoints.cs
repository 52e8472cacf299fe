using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Teal.Server.Views;
using Teal.Wire;

namespace Teal.Server.Endpoints;

/// <summary>What is, and what was.</summary>
public static class ServiceEndpoints
{
    private const int MostReleases = 100;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/services", (ServiceReader reader) => Results.Json(reader.All(), WireJson.Default.ServicesView))
            .Answers<ServicesView>("listServices", "Every service and its release.");
        api.MapGet("/services/{service}", Status)
            .Answers<StatusView>("getStatus", "One service: what runs, who has the users, the release.");
        api.MapGet("/services/{service}/history", History).Answers<HistoryView>("getHistory", "The last releases, newest first.");
        api.MapGet("/routes", (ServiceReader reader) => Results.Json(reader.Routes(), WireJson.Default.RoutesView))
            .Answers<RoutesView>("getRoutes", "Which hosts and paths lead where, as the proxy has them.");
    }

    private static IResult Status(string service, ServiceReader reader) =>
        reader.Status(service) is { } status
            ? Results.Json(status, WireJson.Default.StatusView)
            : Problems.UnknownService(service, reader.Known);

    private static IResult History(string service, int? limit, ServiceReader reader) =>
        reader.History(service, Math.Clamp(limit ?? 20, 1, MostReleases)) is { } history
            ? Results.Json(history, WireJson.Default.HistoryView)
            : Problems.UnknownService(service, reader.Known);
}
