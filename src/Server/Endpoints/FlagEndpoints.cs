using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Teal.Flags;
using Teal.Releases.Rollouts;
using Teal.Server.Driving;
using Teal.Server.Flags;
using Teal.Server.Flags.Clients;
using Teal.Server.Flags.Files;
using Teal.Server.Views;
using Teal.Wire;

namespace Teal.Server.Endpoints;

/// <summary>Flags: look at them, change them, ask why somebody gets what they get.</summary>
public static class FlagEndpoints
{
    /// <summary>Room for a whole set, or a document, of many thousand flags.</summary>
    private const long MostBytes = 32 << 20;

    private static readonly RequestSizeLimitAttribute Roomy = new(MostBytes);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/flags", List).Answers<FlagsView>("listFlags", "The flags of an environment, in a line each.");
        api.MapGet("/flags/set", Set).AnswersWith("getFlags", "All flags as they are written.", "application/json");
        api.MapGet("/flags/diff", Diff).Answers<FlagDiffView>("diffFlags", "What two environments serve differently.");
        api.MapGet("/flags/clients", Clients).Answers<FlagClientsView>("listFlagClients", "Who is connected, and has the newest flags.");
        api.MapPost("/flags/changes", ChangeAsync)
            .Answers<FlagsChangedView>("changeFlags", "Change flags: all of it or nothing.")
            .WithMetadata(Roomy);
        api.MapPost("/flags/eval", Eval).Answers<FlagEvalView>("evalFlag", "What a user gets, and why.");
        api.MapPost("/flags/{flag}/kill", KillAsync).Answers<FlagKilledView>("killFlag", "Off for everybody, everywhere, now.");
        api.MapGet("/flags/documents/{environment}", Document)
            .AnswersWith("getFlagDocument", "The flagd document that is served.", "application/json");
        api.MapPut("/flags/documents/{environment}", TakeAsync)
            .Answers<FlagsChangedView>("takeFlagDocument", "Serve a flagd document as it is.")
            .WithMetadata(Roomy);
        api.MapDelete("/flags/documents/{environment}", LeaveAsync)
            .Answers<FlagsChangedView>("leaveFlagDocument", "Serve the written flags again.");
    }

    private static IResult List(string? environment, DriverLoop loop, FlagSources sources, TimeProvider time)
    {
        var book = loop.State.Flags;
        var asked = environment ?? book.Set.Environments[^1];
        return Unknown(book, asked) ?? Results.Json(FlagViews.Of(book, asked, sources.All, time.GetUtcNow()), WireJson.Default.FlagsView);
    }

    private static IResult Set(DriverLoop loop) => Results.Json(loop.State.Flags.Set, FlagJson.Default.FlagSet);

    private static IResult Diff(string from, string to, DriverLoop loop)
    {
        var book = loop.State.Flags;
        return Unknown(book, from) ?? Unknown(book, to) ?? Results.Json(FlagViews.Diff(book.Set, from, to), WireJson.Default.FlagDiffView);
    }

    private static IResult Clients(FlagBoard board, ClientEvents events) =>
        Results.Json(
            new FlagClientsView(
                StatusViews.FormatVersion,
                [
                    .. board
                        .Environments.Order(StringComparer.Ordinal)
                        .SelectMany(environment =>
                            board.Listeners(environment).Select(it => FlagViews.Client(it, board.Of(environment)?.Revision ?? 0))
                        ),
                ],
                events.Counts
            ),
            WireJson.Default.FlagClientsView
        );

    private static async Task<IResult> ChangeAsync(
        FlagChangesRequest request,
        HttpContext context,
        DriverLoop loop,
        FlagSources sources,
        TimeProvider time,
        CancellationToken ct
    )
    {
        var before = loop.State;
        var changed = new FlagsChanged(request.Changes);
        if (sources.Against(before.Flags, request.Changes) is { } file)
        {
            return ComesFrom(file);
        }
        if (RollingOut.IsAny(before) && Tried().Book is { } after && RollingOut.Of(before, after) is { } running)
        {
            return IsRollingOut(running);
        }
        var outcome = request.DryRun
            ? ReleaseTies.Guarded(before, Tried())
            : await loop.ChangeFlagsAsync(changed, Asking.Of(context, request.Reason), ct);
        return Answer(before.Flags, outcome, request.DryRun);

        // Costs as much as doing it: only where somebody has to know before it is done.
        FlagBookOutcome Tried() => before.Flags.After(changed, before.Sequence + 1, time.GetUtcNow());
    }

    private static IResult Eval(FlagEvalRequest request, FlagBoard board, DriverLoop loop, TimeProvider time)
    {
        var environment = request.Environment ?? board.DefaultEnvironment;
        if (board.Of(environment) is not { } snapshot)
        {
            return Unknown(loop.State.Flags, environment)!;
        }
        var utf8 = Encoding.UTF8.GetBytes(request.Context.GetRawText());
        if (!EvaluationContext.TryParse(utf8, ContextLimits.Usual, out var context, out var fault))
        {
            return Problems.Of(400, fault.Code, "The context is not valid", fault.Message, null, ["teal flag eval --help"]);
        }
        var book = loop.State.Flags;
        var flag = book.Documents.ContainsKey(environment) ? null : book.Set.Flags.GetValueOrDefault(request.Flag);
        var explained = snapshot.Document.Explain(request.Flag, context, time.GetUtcNow());
        return Results.Json(FlagViews.Eval(snapshot, flag, explained), WireJson.Default.FlagEvalView);
    }

    /// <summary>Off first; then the rollouts that would turn it on again end; then the clients are waited for.</summary>
    private static async Task<IResult> KillAsync(
        string flag,
        FlagKillRequest request,
        HttpContext context,
        DriverLoop loop,
        FlagBoard board,
        TimeProvider time,
        CancellationToken ct
    )
    {
        var by = Asking.Of(context, request.Reason);
        var environments = request.Environments ?? Governed(loop.State.Flags, flag);
        var off = environments.Select(environment => new FlagChange.EnableFlag(flag, environment, IsEnabled: false, null));
        var outcome = await loop.ChangeFlagsAsync(new FlagsChanged([.. off]), by, ct);
        if (outcome.Book is null)
        {
            return Refused(outcome);
        }
        foreach (var environment in environments)
        {
            var key = new RolloutKey(environment, flag);
            if (loop.State.Rollouts.GetValueOrDefault(key.ToString())?.Rollout is { IsRunning: true })
            {
                await loop.SendAsync(key, new RolloutKilled(by), ct);
            }
        }
        var missing = await HeardAsync(board, environments, TimeSpan.FromMilliseconds(Math.Clamp(request.WaitMs, 0, 30_000)), time, ct);
        var connected = environments.Sum(environment => board.Listeners(environment).Count);
        return Results.Json(
            new FlagKilledView(
                StatusViews.FormatVersion,
                flag,
                [.. environments],
                Math.Max(0, connected - missing.Count),
                missing,
                [$"teal flag revive {flag}"]
            ),
            WireJson.Default.FlagKilledView
        );
    }

    /// <summary>Those who listened when it was changed and are not known to have it when the wait is over.</summary>
    private static async Task<IReadOnlyList<FlagClientView>> HeardAsync(
        FlagBoard board,
        IReadOnlyList<string> environments,
        TimeSpan wait,
        TimeProvider time,
        CancellationToken ct
    )
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var missing = environments
                .SelectMany(environment =>
                    board.Listeners(environment).Select(it => FlagViews.Client(it, board.Of(environment)?.Revision ?? 0))
                )
                .Where(client => !client.IsCurrent)
                .ToList();
            if (missing.Count == 0 || time.GetElapsedTime(began) >= wait)
            {
                return missing;
            }
            await Task.Delay(Look, time, ct);
        }
    }

    private static IResult Document(string environment, FlagBoard board, DriverLoop loop) =>
        board.Of(environment) is null
            ? Unknown(loop.State.Flags, environment)!
            : Results.Bytes(FlagPublisher.DocumentsOf(loop.State, environment).Full, "application/json");

    private static async Task<IResult> TakeAsync(
        string environment,
        FlagDocumentRequest request,
        HttpContext context,
        DriverLoop loop,
        FlagSources sources,
        CancellationToken ct
    )
    {
        if (sources.OfDocument(environment) is { } file)
        {
            return ComesFrom(file);
        }
        var from = request.From[..Math.Min(request.From.Length, 200)];
        var before = loop.State.Flags;
        var taken = new FlagDocumentTaken(environment, request.Document.GetRawText(), from);
        var outcome = await loop.ChangeFlagsAsync(taken, Asking.Of(context, request.Reason), ct);
        return Answer(before, outcome, isDry: false);
    }

    private static async Task<IResult> LeaveAsync(
        string environment,
        HttpContext context,
        DriverLoop loop,
        FlagSources sources,
        CancellationToken ct
    )
    {
        if (sources.OfDocument(environment) is { } file)
        {
            return ComesFrom(file);
        }
        var before = loop.State.Flags;
        return before.Documents.ContainsKey(environment)
            ? Answer(before, await loop.ChangeFlagsAsync(new FlagDocumentLeft(environment), Asking.Of(context, null), ct), isDry: false)
            : Problems.Of(404, "TEAL9503", "No document", $"{environment} is not served from a flagd document.", null, ["teal flag list"]);
    }

    private static IResult Answer(FlagBook before, FlagBookOutcome outcome, bool isDry) =>
        outcome.Book is { } after
            ? Results.Json(FlagViews.Changed(before, after, isDry), WireJson.Default.FlagsChangedView)
            : Refused(outcome);

    /// <summary>Under the code of the first problem; each has its place.</summary>
    private static IResult Refused(FlagBookOutcome outcome)
    {
        var first = outcome.Problems[0];
        return Problems.Of(
            FlagShares.StatusOf(first.Kind),
            first.Code,
            "Nothing was changed",
            first.ToString(),
            outcome.Problems.Count == 1 ? null : [.. outcome.Problems.Select(problem => problem.ToString())],
            ["teal flag list"]
        );
    }

    private static IResult IsRollingOut(RolloutState running) =>
        Problems.Of(
            409,
            "TEAL9504",
            $"{running.Flag} is rolling out",
            $"A rollout moves its share in {running.Environment}: nothing was changed.",
            null,
            [$"teal flag rollout {running.Flag}", $"teal flag rollout stop {running.Flag}"]
        );

    private static IResult ComesFrom(FlagSource file) =>
        Problems.Of(
            409,
            "TEAL9513",
            "These flags come from a file",
            $"{file.Name} says what they are: change it there, and it is taken by itself. `teal flag kill` and rollouts work meanwhile.",
            null,
            ["teal flag list"]
        );

    /// <summary>In an emergency one environment that does not know the flag must not keep it on in the others.</summary>
    private static IReadOnlyList<string> Governed(FlagBook book, string flag)
    {
        string[] known =
        [
            .. book.Set.Environments.Where(environment =>
                book.Documents.TryGetValue(environment, out var document)
                    ? DocumentKill.Has(document, flag)
                    : book.Set.Flags.ContainsKey(flag)
            ),
        ];
        return known.Length > 0 ? known : book.Set.Environments;
    }

    private static IResult? Unknown(FlagBook book, string environment) =>
        book.Set.Environments.Contains(environment, StringComparer.Ordinal)
            ? null
            : Problems.Of(
                404,
                "TEAL9502",
                $"No environment {environment}",
                $"There {(book.Set.Environments.Count == 1 ? "is" : "are")} {string.Join(", ", book.Set.Environments)}.",
                null,
                ["teal flag list"]
            );
}
