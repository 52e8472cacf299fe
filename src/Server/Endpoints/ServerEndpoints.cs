using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Teal.Releases;
using Teal.Server.Access;
using Teal.Server.Driving;
using Teal.Server.Journal;
using Teal.Server.Views;
using Teal.Wire;

namespace Teal.Server.Endpoints;

/// <summary>The server itself: facts, backup, tokens.</summary>
public static class ServerEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/server", (ServerFacts facts) => Results.Json(facts.View(), WireJson.Default.ServerView))
            .Answers<ServerView>("getServer", "The server itself: addresses, journal, memory.");
        api.MapGet("/server/backup", BackupAsync)
            .AnswersWith("backup", "A whole copy of the journal, made while it is written.", "application/vnd.sqlite3");
        api.MapGet("/tokens", (ReleaseDriver driver) => Results.Json(ListOf(driver.State), WireJson.Default.TokensView))
            .Answers<TokensView>("listTokens", "Every token, without its secret.");
        api.MapPost("/tokens", CreateTokenAsync).Answers<TokenView>("createToken", "Make a token; its secret is told this once.", 201);
        api.MapDelete("/tokens/{token}", RevokeTokenAsync).AnswersWith("revokeToken", "Make a token invalid, at once.", null, 204);
    }

    private static async Task<IResult> BackupAsync(StateFolder folder, TimeProvider time, CancellationToken ct)
    {
        var path = Path.Combine(folder.Root, $"backup-{time.GetUtcNow().ToUnixTimeMilliseconds()}.db");
        await Task.Run(() => JournalBackup.Backup(folder.Journal, path), ct);
        // Deleted once it is sent: the open file stays readable.
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Delete, 1 << 16, FileOptions.Asynchronous);
        File.Delete(path);
        return Results.Stream(file, "application/vnd.sqlite3", "teal-backup.db");
    }

    private static TokensView ListOf(ServerState state) =>
        new(
            StatusViews.FormatVersion,
            [
                .. state.Tokens.Values.Select(token => new TokenView(
                    token.Id,
                    token.Role,
                    token.Service,
                    token.CreatedAt,
                    token.Expires,
                    null,
                    token.Environment
                )),
            ]
        );

    private static async Task<IResult> CreateTokenAsync(
        TokenRequest request,
        HttpContext context,
        DriverLoop loop,
        ReleaseDriver driver,
        TimeProvider time,
        CancellationToken ct
    )
    {
        if (RefusalOf(request, driver.State) is { } refusal)
        {
            return refusal;
        }
        var secret = TokenSecret.Of(RandomNumberGenerator.GetBytes(TokenSecret.RandomBytes));
        var id = request.Name ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        var created = new TokenCreated(id, TokenSecret.Hash(secret), request.Role, request.Service, request.Expires, request.Environment)
        {
            CreatedAt = time.GetUtcNow(),
        };
        await loop.RecordAsync("", created, Asking.Of(context, request.Reason), ct);
        return Results.Json(
            new TokenView(id, request.Role, request.Service, created.CreatedAt, request.Expires, secret, request.Environment),
            WireJson.Default.TokenView,
            statusCode: StatusCodes.Status201Created
        );
    }

    private static IResult? RefusalOf(TokenRequest request, ServerState state)
    {
        if (!Roles.TryParse(request.Role, out var role))
        {
            return Problems.Of(400, "TEAL8210", "No such role", $"\"{request.Role}\" is not one of {Roles.All}.");
        }
        if (request.Service is { } service && !Names.IsService(service))
        {
            return Problems.BadName("service name", service);
        }
        if (
            role.Value.IsOfEnvironment()
                ? !Names.IsEnvironment(request.Environment) || request.Service is not null
                : request.Environment is not null
        )
        {
            return Problems.Of(
                400,
                "TEAL9401",
                "Which environment?",
                $"A token of the role page or sdk is for one environment ({Names.EnvironmentWords}) and no service; other tokens are for no environment.",
                null,
                [$"teal token create NAME --role {(role == Role.Page ? "page" : "sdk")} --environment production"]
            );
        }
        if (request.Name is { } name && !Names.IsToken(name))
        {
            return Problems.Of(400, "TEAL9402", "Not a token's name", $"\"{name}\" is not a name: {Names.TokenWords}.");
        }
        return request.Name is { } taken && state.Tokens.ContainsKey(taken)
            ? Problems.Of(409, "TEAL9403", "Name taken", $"There is a token {taken}.", null, [$"teal token revoke {taken}"])
            : null;
    }

    private static async Task<IResult> RevokeTokenAsync(
        string token,
        HttpContext context,
        DriverLoop loop,
        ReleaseDriver driver,
        CancellationToken ct
    )
    {
        if (!driver.State.Tokens.ContainsKey(token))
        {
            return Problems.Of(404, "TEAL8211", "No such token", $"No token has the id {token}.", null, ["teal token list"]);
        }
        await loop.RecordAsync("", new TokenRevoked(token), Asking.Of(context, null), ct);
        return Results.NoContent();
    }
}
