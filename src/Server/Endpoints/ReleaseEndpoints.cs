using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Teal.Releases;
using Teal.Server.Driving;
using Teal.Server.Views;
using Teal.Traffic.Proxying;
using Teal.Wire;

namespace Teal.Server.Endpoints;

/// <summary>Releases: what will happen, begin one, steer it.</summary>
public static class ReleaseEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/services/{service}/plan", Plan).Answers<PlanView>("plan", "What a deploy would do, with the way back of each line.");
        api.MapPost("/services/{service}/releases", DeployAsync)
            .Answers<DeployAnswer>("deploy", "Begin the release of a stored version, or wait for the running one.", 202);
        Command(api, "promote", "Skip the remaining stages.", static (request, by) => new PromoteRequested(request.Force, by));
        Command(api, "pause", "Stay at the present stage.", static (_, by) => new PauseRequested(by));
        Command(api, "resume", "Go on after a pause.", static (_, by) => new ResumeRequested(by));
        Command(api, "abort", "Give the running release up.", static (_, by) => new AbortRequested(by));
        Command(
            api,
            "rollback",
            "Take the release back, or return to the warm version.",
            static (request, by) => new RollbackRequested(request.Version, by)
        );
        api.MapPut("/services/{service}/gate", GateAsync)
            .Answers<StatusView>("setGate", "Hold the service's requests, let them go, or answer for it.");
    }

    private static IResult Plan(string service, DeployRequest request, ReleaseDriver driver)
    {
        // The plan is asked for before the version is taken in, so the store is not looked at.
        return DeployChecks.Read(service, request) switch
        {
            DeployCheck.Refused refused => refused.Problem,
            DeployCheck.Ready ready when DeployChecks.Tied(service, request.Version, ready.Manifest, driver.State) is { } problem =>
                problem,
            DeployCheck.Ready ready => Results.Json(
                PlanViews.Of(driver.State.Services.GetValueOrDefault(service), ready.Manifest, request.Version),
                WireJson.Default.PlanView
            ),
            _ => throw new NotSupportedException(),
        };
    }

    private static async Task<IResult> DeployAsync(
        string service,
        DeployRequest request,
        HttpContext context,
        DeployChecks checks,
        DriverLoop loop,
        ServiceReader reader,
        CancellationToken ct
    )
    {
        switch (checks.Admit(service, request))
        {
            case DeployCheck.Refused refused:
                return refused.Problem;
            case DeployCheck.Ready ready:
                var by = Asking.Of(context, request.Reason);
                var deploy = new DeployRequested(request.Version, ready.Manifest, request.Supersede, request.Wait, by);
                var handled = await loop.SendAsync(service, deploy, ct);
                return handled.Decision.Refusal is { } refusal
                    ? Problems.Of(refusal, StatusViews.NextCommands(handled.Decision.State))
                    : Answer(service, request.Version, handled, reader);
            default:
                throw new NotSupportedException();
        }
    }

    private static IResult Answer(string service, string version, HandleResult handled, ServiceReader reader)
    {
        var state = handled.Decision.State;
        var isRunningIt = state.Release is { IsRunning: true } release && release.To == version && release.Kind == ReleaseKind.Deploy;
        var result =
            state.Waiting.Any(waiting => waiting.Version == version) ? "waiting"
            : isRunningIt ? "started"
            : "nothing_to_do";
        var number = result == "started" ? state.Release!.Number : (long?)null;
        return Results.Json(
            new DeployAnswer(
                result,
                number is { } known ? StatusViews.IdOf(service, known) : null,
                number,
                handled.Sequence,
                reader.Status(service)!
            ),
            WireJson.Default.DeployAnswer,
            statusCode: StatusCodes.Status202Accepted
        );
    }

    private static void Command(
        IEndpointRouteBuilder api,
        string verb,
        string summary,
        Func<CommandRequest, Origin, ReleaseCommand> command
    ) =>
        api.MapPost(
                $"/services/{{service}}/{verb}",
                async (
                    string service,
                    CommandRequest request,
                    HttpContext context,
                    DriverLoop loop,
                    ServiceReader reader,
                    CancellationToken ct
                ) =>
                {
                    if (reader.Status(service) is null)
                    {
                        return Problems.UnknownService(service, reader.Known);
                    }
                    var handled = await loop.SendAsync(service, command(request, Asking.Of(context, request.Reason)), ct);
                    return handled.Decision.Refusal is { } refusal
                        ? Problems.Of(refusal, StatusViews.NextCommands(handled.Decision.State))
                        : Results.Json(reader.Status(service)!, WireJson.Default.StatusView, statusCode: StatusCodes.Status202Accepted);
                }
            )
            .Answers<StatusView>(verb, summary, 202);

    private static async Task<IResult> GateAsync(
        string service,
        GateRequest request,
        HttpContext context,
        DriverLoop loop,
        ServiceReader reader,
        TrafficPlane plane,
        CancellationToken ct
    )
    {
        Gate? asked = request.Gate switch
        {
            "open" => Gate.Open,
            "held" => Gate.Held,
            "maintenance" => Gate.Maintenance,
            _ => null,
        };
        if (reader.Status(service) is null)
        {
            return Problems.UnknownService(service, reader.Known);
        }
        if (asked is not { } gate)
        {
            return Problems.Of(400, "TEAL8203", "No such gate", $"\"{request.Gate}\" is not one of open, held, maintenance.");
        }
        await loop.RecordAsync(service, new GateChanged(gate), Asking.Of(context, request.Reason), ct);
        // "held" is said only when no request that came before it is still inside.
        if (gate == Gate.Held && !await plane.HoldQuietAsync(service, TimeSpan.FromSeconds(30), ct))
        {
            return Problems.Of(
                StatusCodes.Status504GatewayTimeout,
                "TEAL8204",
                "Not quiet yet",
                "New requests are held, and requests from before the hold are still inside after 30 s.",
                null,
                [$"teal proxy release --service {service}", "teal status"]
            );
        }
        return Results.Json(reader.Status(service)!, WireJson.Default.StatusView);
    }
}

/// <summary>Who is calling, for the audit trail.</summary>
internal static class Asking
{
    public const string ActorKey = "teal.actor";

    /// <summary>The <see cref="Caller"/>; not there for the owner, who came by the unix socket.</summary>
    public const string CallerKey = "teal.caller";

    public static Origin Of(HttpContext context, string? reason) =>
        new(
            context.Items[ActorKey] as string ?? "local",
            context.Connection.RemoteIpAddress?.ToString() ?? "unix socket",
            string.IsNullOrWhiteSpace(reason) ? null : reason[..Math.Min(reason.Length, 500)]
        );
}
