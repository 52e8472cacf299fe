using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Teal.Releases.Rollouts;
using Teal.Server.Driving;
using Teal.Server.Flags.Clients;
using Teal.Server.Views;
using Teal.Wire;

namespace Teal.Server.Endpoints;

/// <summary>Guarded rollouts of flags: begin one, steer it, look at it.</summary>
public static class RolloutEndpoints
{
    private const string Pattern = "/flags/{flag}/rollouts";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet(Pattern, Show).Answers<RolloutsView>("getRollouts", "The rollouts of a flag, newest first.");
        api.MapPost(Pattern, BeginAsync).Answers<RolloutsView>("beginRollout", "Move users to a variant, step by step, under guard.", 202);
        Command(api, "promote", "Skip the steps that are left.", static (request, by) => new RolloutPromoteRequested(request.Force, by));
        Command(api, "pause", "Hold it at its share.", static (_, by) => new RolloutPauseRequested(by));
        Command(api, "resume", "Go on, with the same users.", static (_, by) => new RolloutResumeRequested(by));
        Command(api, "stop", "Give it up: nobody keeps the variant.", static (_, by) => new RolloutStopRequested(by));
    }

    private static IResult Show(string flag, string? environment, DriverLoop loop, IFlagShares shares, RolloutReports reports)
    {
        var key = new RolloutKey(environment ?? shares.DefaultEnvironment, flag);
        return RolloutViews.Of(loop.State, key, reports.Of(key)) is { } view
            ? Results.Json(view, WireJson.Default.RolloutsView)
            : Problems.Of(
                StatusCodes.Status404NotFound,
                "TEAL9331",
                $"No rollout of {flag}",
                $"{flag} was never rolled out in {key.Environment}.",
                null,
                ["teal flag list"]
            );
    }

    private static async Task<IResult> BeginAsync(
        string flag,
        RolloutRequest request,
        HttpContext context,
        DriverLoop loop,
        IFlagShares shares,
        RolloutReports reports,
        CancellationToken ct
    )
    {
        var key = new RolloutKey(request.Environment ?? shares.DefaultEnvironment, flag);
        switch (shares.Look(key, request.Variant, request.Against))
        {
            case VariantLook.Refused refused:
                return Problems.Of(refused.Status, refused.Code, refused.What, refused.Why, null, ["teal flag list"]);
            case VariantLook.Known known:
                var reading = RolloutOrderReader.Read(TextOf(request, known.From));
                return reading.Order is { } order
                    ? await AnswerAsync(
                        key,
                        new RolloutRequested(order, known.Share, Asking.Of(context, request.Reason)),
                        loop,
                        reports,
                        ct
                    )
                    : Wrong(reading);
            default:
                throw new NotSupportedException();
        }
    }

    private static RolloutText TextOf(RolloutRequest request, string from) =>
        new(from, request.Variant, string.Join(',', request.Steps), request.Hold, string.Join(',', request.Guards), request.OnBreach);

    /// <summary>Under the code of the first error; each has its place.</summary>
    private static IResult Wrong(RolloutReading reading) =>
        Problems.Of(
            StatusCodes.Status400BadRequest,
            reading.Errors[0].Code,
            "The rollout is not valid",
            "Nothing was begun.",
            [.. reading.Errors.Select(error => error.ToString())],
            ["teal flag rollout --help"]
        );

    private static void Command(
        IEndpointRouteBuilder api,
        string verb,
        string summary,
        Func<RolloutCommandRequest, Teal.Releases.Origin, RolloutCommand> command
    ) =>
        api.MapPost(
                $"{Pattern}/{verb}",
                (
                    string flag,
                    RolloutCommandRequest request,
                    HttpContext context,
                    DriverLoop loop,
                    IFlagShares shares,
                    RolloutReports reports,
                    CancellationToken ct
                ) =>
                    AnswerAsync(
                        new RolloutKey(request.Environment ?? shares.DefaultEnvironment, flag),
                        command(request, Asking.Of(context, request.Reason)),
                        loop,
                        reports,
                        ct
                    )
            )
            .Answers<RolloutsView>($"{verb}Rollout", summary, 202);

    private static async Task<IResult> AnswerAsync(
        RolloutKey key,
        RolloutCommand command,
        DriverLoop loop,
        RolloutReports reports,
        CancellationToken ct
    )
    {
        var handled = await loop.SendAsync(key, command, ct);
        return handled.Refusal is { } refusal
            ? Problems.Of(refusal, RolloutViews.NextCommands(handled.Decision.State))
            : Results.Json(
                RolloutViews.Of(loop.State, key, reports.Of(key))!,
                WireJson.Default.RolloutsView,
                statusCode: StatusCodes.Status202Accepted
            );
    }
}
